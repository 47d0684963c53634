import type { ResourceFamily } from './definition.ts';

export const decisions: ResourceFamily = {
  name: 'decisions',
  title: 'Decisions',
  description: 'Why changes were kept, reverted or deferred; read before trying something again.',
  mimeType: 'text/markdown',
  collection: async (project) => {
    const all = await project.files.decisions();
    const text =
      all.length === 0
        ? 'No decisions yet.'
        : all.map((decision) => decision.text.trim()).join('\n\n---\n\n');
    return { mimeType: 'text/markdown', content: { text } };
  },
};
