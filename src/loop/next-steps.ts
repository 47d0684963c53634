import type { Experiment } from '../core/model/experiment.ts';
import type { Workload } from '../core/model/goals.ts';
import type { NextStep } from '../core/model/result.ts';
import { canBeLookedInto } from './kinds/index.ts';

/** The call after a measurement: a look inside where there is one, else the change itself. */
export function stepAfterMeasuring(workload: Workload, why: string, baselineId?: string): NextStep {
  const { name } = workload;
  return canBeLookedInto(workload)
    ? {
        tool: 'find_bottlenecks',
        arguments: { workload: name, ...(baselineId === undefined ? {} : { baseline_id: baselineId }) },
        why,
      }
    : {
        tool: 'validate_change',
        arguments: { workload: name, ...(baselineId === undefined ? {} : { against: baselineId }) },
        why: 'a service that somebody else started is not profiled: change one thing that may cost the most, then judge it',
      };
}

/** After an experiment that the machine stopped: there is nothing to decide about the change yet. Empty for any other one. */
export function stepsAfterMachine({
  failure,
  workload,
  against,
  candidate_snapshot,
}: Pick<Experiment, 'failure' | 'workload' | 'against' | 'candidate_snapshot'>): readonly NextStep[] {
  if (failure?.side !== 'machine') return [];
  if (failure.code !== 'snapshot_missing')
    return [
      {
        tool: 'validate_change',
        arguments: { workload, ...(against === null ? {} : { against: against.name }) },
        why: failure.fix,
      },
    ];
  return [
    ...(candidate_snapshot.head === undefined
      ? []
      : [
          {
            tool: 'validate_change',
            arguments: { workload, against: 'HEAD' },
            why: 'compare with the last commit, if that is the code before the change',
          },
        ]),
    {
      tool: 'measure_baseline',
      arguments: { workload },
      why: 'once the code is as it was before the change',
    },
  ];
}
