import { InputError } from '../../core/errors.ts';
import type { Workload } from '../../core/model/goals.ts';
import { commandMeasurer } from './command/measurer.ts';
import { httpMeasurer } from './http/measurer.ts';
import type { Measurer } from './measurer.ts';

export function measurerOf(workload: Workload): Measurer {
  switch (workload.kind) {
    case 'http':
      return httpMeasurer(workload);
    case 'command':
      return commandMeasurer(workload);
    case 'function':
    case 'query':
      throw new InputError(
        'invalid_arguments',
        `Workloads of kind "${workload.kind}" cannot be measured yet.`,
        {
          fix: 'Use kind "http".',
        },
      );
  }
}
