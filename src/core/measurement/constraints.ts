import type { Goals } from '../model/goals.ts';
import type { Estimates, ObjectiveStatus } from '../model/measurement.ts';
import { judgeLimit } from './objectives.ts';

/** Where a side stands with the constraints that are numbers: as with objectives, and by name. */
export function judgeConstraints(
  { constraints }: Pick<Goals, 'constraints'>,
  workload: string,
  estimates: Estimates,
): ObjectiveStatus[] {
  return constraints.flatMap(({ name, metric, max, min, workload: of = workload }) =>
    metric === undefined || of !== workload
      ? []
      : [{ ...judgeLimit({ workload, metric, max, min }, estimates[metric]), constraint: name }],
  );
}
