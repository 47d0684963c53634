import type { SweptFact } from '../../core/detectors/swept.ts';
import { keptSweepSchema } from '../../core/model/sweep.ts';
import type { Project } from '../../core/ports/project.ts';
import type { Pass } from './pass.ts';

/** Older runs than these are of a program that nobody remembers. */
const RUNS_LOOKED_AT = 200;

/** Runs nothing: what measure_baseline found out about growth. */
export const sweepsPass: Pass = {
  id: 'sweeps',
  doing: 'looking at stored sweeps',
  weight: 0.01,
  applies: () => true,
  async run({ project, workload, snapshot }) {
    const sweeps = await readSweeps(project, workload.name, snapshot.id);
    return { facts: sweeps.length === 0 ? {} : { sweeps } };
  },
};

/** The stored sweeps of a workload, the newest of each dimension. */
export async function readSweeps(
  project: Pick<Project, 'store'>,
  workload: string,
  snapshotId: string,
): Promise<readonly SweptFact[]> {
  const runs = await project.store.runs.list({ limit: RUNS_LOOKED_AT, state: 'done' });
  const newest = new Map<string, SweptFact>();
  for (const run of runs) {
    if (run.workload !== workload) continue;
    const kept = keptSweepSchema.safeParse(run.result);
    if (!kept.success) continue;
    const { sweep, snapshot_id } = kept.data;
    const dimension = `${sweep.over} ${sweep.variable ?? ''}`;
    if (!newest.has(dimension)) newest.set(dimension, { sweep, isOfThisCode: snapshot_id === snapshotId });
  }
  return [...newest.values()];
}
