import { json, type ResourceFamily } from './definition.ts';

export const experiments: ResourceFamily = {
  name: 'experiments',
  title: 'Experiments',
  description: 'Every validated change with its verdict, newest first; one with comparisons and samples.',
  mimeType: 'application/json',
  collection: async (project) => json({ experiments: await project.store.experiments.list({ limit: 50 }) }),
  item: {
    read: async (project, id) => {
      const experiment = await project.store.experiments.get(id);
      return experiment && json({ ...experiment, all_samples: await project.store.experiments.samples(id) });
    },
    list: async (project) =>
      (await project.store.experiments.list({ limit: 50 })).map((row) => ({
        id: row.id,
        title: `${row.verdict}: ${row.hypothesis ?? row.workload}`,
        mimeType: 'application/json',
      })),
  },
};
