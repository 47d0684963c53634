import { json, type ResourceFamily } from './definition.ts';

export const goals: ResourceFamily = {
  name: 'goals',
  title: 'Goals',
  description: 'Workloads, objectives and constraints of the project.',
  mimeType: 'application/json',
  collection: async (project) =>
    json((await project.files.readGoals()) ?? { workloads: [], objectives: [], constraints: [] }),
};
