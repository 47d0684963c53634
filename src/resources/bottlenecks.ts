import { json, type ResourceFamily } from './definition.ts';

export const bottlenecks: ResourceFamily = {
  name: 'bottlenecks',
  title: 'Bottlenecks',
  description: 'A finding with its share, ceilings and evidence.',
  mimeType: 'application/json',
  item: {
    read: async (project, id) => {
      const bottleneck = await project.store.bottlenecks.get(id);
      return bottleneck && json(bottleneck);
    },
    list: async (project) =>
      (await project.store.bottlenecks.list({ limit: 50 })).map((row) => ({
        id: row.id,
        title: row.title,
        mimeType: 'application/json',
      })),
  },
};
