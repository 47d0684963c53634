import type { MeasuredSweep } from '../../core/detectors/measured-sweep.ts';
import type { Artifact } from '../../core/model/evidence.ts';
import { sweepSchema, type Sweep } from '../../core/model/sweep.ts';
import type { Pass, PassContext } from './pass.ts';

/** Newest artifacts of the project that are looked through; beyond some fifty runs back a curve is of other code anyway. */
const LOOKED_THROUGH = 500;

/** Curves of the workload that measure_baseline left in the history: read, never measured here. */
export const sweepsPass: Pass = {
  id: 'sweeps',
  doing: 'reading stored sweeps',
  weight: 0,
  applies: () => true,
  async run(context) {
    const sweeps = await readSweeps(context);
    return { facts: sweeps.length === 0 ? {} : { sweeps } };
  },
};

/** The newest of each dimension. */
export async function readSweeps(
  context: Pick<PassContext, 'project' | 'workload' | 'snapshot'>,
): Promise<readonly MeasuredSweep[]> {
  const { store } = context.project;
  const newest = new Map<string, MeasuredSweep>();
  for (const artifact of await store.artifacts.list({ limit: LOOKED_THROUGH })) {
    if (artifact.kind !== 'sweep') continue;
    const run = await store.runs.get(artifact.run_id);
    if (run?.workload !== context.workload.name) continue;
    const sweep = await readSweep(context, artifact);
    if (sweep === undefined) continue;
    const dimension = `${sweep.over} ${sweep.variable ?? ''}`;
    if (newest.has(dimension)) continue;
    const sameCode = snapshotOf(run.result) === context.snapshot.id;
    newest.set(dimension, { sweep, artifactId: artifact.id, sameCode });
  }
  return [...newest.values()];
}

/** Undefined where the file is gone or was written by another version: evidence that is missing costs no findings. */
async function readSweep(
  { project }: Pick<PassContext, 'project'>,
  { id }: Artifact,
): Promise<Sweep | undefined> {
  try {
    const content: unknown = JSON.parse(new TextDecoder().decode(await project.store.artifacts.read(id)));
    return sweepSchema.safeParse(content).data;
  } catch {
    return undefined;
  }
}

/** What measure_baseline answered with. */
function snapshotOf(result: unknown): unknown {
  return typeof result === 'object' && result !== null && 'snapshot_id' in result
    ? result.snapshot_id
    : undefined;
}
