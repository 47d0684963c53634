import type { Workload } from '../../core/model/goals.ts';
import { commandMeasurer } from './command/measurer.ts';
import { functionMeasurer } from './function/measurer.ts';
import { httpMeasurer } from './http/measurer.ts';
import type { Measurer } from './measurer.ts';
import { queryMeasurer } from './query/measurer.ts';

/** Whether any pass of find_bottlenecks has something to look at: not so where somebody else started the service. */
export function canBeLookedInto(workload: Workload): boolean {
  const { profile, statement } = measurerOf(workload);
  return profile !== undefined || statement !== undefined;
}

export function measurerOf(workload: Workload): Measurer {
  switch (workload.kind) {
    case 'http':
      return httpMeasurer(workload);
    case 'function':
      return functionMeasurer(workload);
    case 'command':
      return commandMeasurer(workload);
    case 'query':
      return queryMeasurer(workload);
  }
}
