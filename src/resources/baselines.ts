import { json, type ResourceFamily } from './definition.ts';

export const baselines: ResourceFamily = {
  name: 'baselines',
  title: 'Baselines',
  description: 'Measured states of the code, newest first; one with all its samples.',
  mimeType: 'application/json',
  collection: async (project) => json({ baselines: await project.store.baselines.list({ limit: 50 }) }),
  item: {
    read: async (project, id) => {
      const baseline = await project.store.baselines.get(id);
      return baseline && json({ ...baseline, all_samples: await project.store.baselines.samples(id) });
    },
    list: async (project) =>
      (await project.store.baselines.list({ limit: 50 })).map((row) => ({
        id: row.id,
        title: `Baseline of ${row.workload}, ${row.created_at}`,
        mimeType: 'application/json',
      })),
  },
};
