import type { ResourceFamily } from './definition.ts';

export const artifacts: ResourceFamily = {
  name: 'artifacts',
  title: 'Artifacts',
  description: 'Heavy files: profiles, flamegraphs, diffs.',
  mimeType: 'application/octet-stream',
  item: {
    read: async (project, id) => {
      const artifact = await project.store.artifacts.get(id);
      if (!artifact) return undefined;
      const bytes = await project.store.artifacts.read(id);
      const isText = /^(text\/|application\/json|image\/svg)/.test(artifact.mime_type);
      return {
        mimeType: artifact.mime_type,
        content: isText ? { text: new TextDecoder().decode(bytes) } : { bytes },
      };
    },
    list: async (project) =>
      (await project.store.artifacts.list({ limit: 50 })).map((row) => ({
        id: row.id,
        title: row.title,
        mimeType: row.mime_type,
      })),
  },
};
