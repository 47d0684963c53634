import { json, type ResourceFamily } from './definition.ts';

export const budgets: ResourceFamily = {
  name: 'budgets',
  title: 'Budgets',
  description: 'The limits that CI keeps, with where each came from.',
  mimeType: 'application/json',
  collection: async (project) => json((await project.files.readBudgets()) ?? { budgets: [] }),
};
