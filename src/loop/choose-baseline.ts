import { InputError } from '../core/errors.ts';
import type { Baseline } from '../core/model/measurement.ts';
import type { Project } from '../core/ports/project.ts';

/** The baseline that a call means: the named one, which must have measured this workload, or else the latest, if any. */
export async function chooseBaseline(
  project: Project,
  workload: string,
  id: string | undefined,
): Promise<Baseline | undefined> {
  if (id === undefined) return await project.store.baselines.latest(workload);
  const named = await project.store.baselines.get(id);
  if (named?.workload === workload) return named;
  throw new InputError(
    named ? 'invalid_arguments' : 'unknown_id',
    named
      ? `Baseline "${id}" measured workload "${named.workload}" and not "${workload}".`
      : `There is no baseline "${id}".`,
    {
      fix: 'Use the id of an earlier answer, or leave it out for the latest.',
      next: [{ tool: 'get_history', arguments: { section: 'baselines' }, why: 'list the baselines' }],
    },
  );
}
