import type { Workload } from '../core/model/goals.ts';
import type { NextStep } from '../core/model/result.ts';
import { measurerOf } from './kinds/index.ts';

/** The call after a measurement: a profile where the kind has one, else the change itself. */
export function stepAfterMeasuring(workload: Workload, why: string, baselineId?: string): NextStep {
  const { name, kind } = workload;
  return measurerOf(workload).profile === undefined
    ? {
        tool: 'validate_change',
        arguments: { workload: name, ...(baselineId === undefined ? {} : { against: baselineId }) },
        why: `a ${kind} is not profiled: change one thing that may cost the most, then judge it`,
      }
    : {
        tool: 'find_bottlenecks',
        arguments: { workload: name, ...(baselineId === undefined ? {} : { baseline_id: baselineId }) },
        why,
      };
}
