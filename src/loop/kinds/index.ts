import { InputError } from '../../core/errors.ts';
import type { Workload } from '../../core/model/goals.ts';
import { functionMeasurer } from './function/measurer.ts';
import { httpMeasurer } from './http/measurer.ts';
import type { Measurer } from './measurer.ts';
import { queryMeasurer } from './query/measurer.ts';

export function measurerOf(workload: Workload): Measurer {
  switch (workload.kind) {
    case 'http':
      return httpMeasurer(workload);
    case 'query':
      return queryMeasurer(workload);
    case 'function':
      return functionMeasurer(workload);
    case 'command':
      throw new InputError(
        'invalid_arguments',
        `Workloads of kind "${workload.kind}" cannot be measured yet.`,
        {
          fix: 'Use kind "http" or "function".',
        },
      );
  }
}
