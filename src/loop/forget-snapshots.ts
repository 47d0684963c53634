import type { Ports } from '../core/ports/index.ts';
import type { Project } from '../core/ports/project.ts';

/** Baselines whose code is kept however old it is: what a comparison is most likely asked for. */
const KEPT_BASELINES = 200;

/**
 * Gives back the disk that snapshots of long ago take. What was forgotten answers as snapshot_missing from then on. Housekeeping
 * that fails is nobody's error but ours.
 */
export async function forgetOldSnapshots(
  ports: Pick<Ports, 'reportDefect'>,
  project: Project,
): Promise<void> {
  const wanted = async (): Promise<readonly string[]> =>
    (await project.store.baselines.list({ limit: KEPT_BASELINES })).map(({ snapshot_id }) => snapshot_id);
  try {
    await project.snapshots.prune(wanted);
  } catch (error) {
    ports.reportDefect(error);
  }
}
