import type { Behaviour } from '../../../core/behaviour/model.ts';
import type { LoadOf } from '../../../core/model/measurement.ts';
import type { FunctionWorkload } from '../../../core/model/workloads/function.ts';
import type { Ports } from '../../../core/ports/index.ts';
import type { BehaveContext } from '../measurer.ts';
import { functionPlan } from './load.ts';

export interface FunctionBehaveRequest extends Omit<BehaveContext, 'load'> {
  readonly workload: FunctionWorkload;
  readonly load: LoadOf<'function'>;
}

/** Calls with the inputs of the smallest size, where a short list or an empty one is a case of its own, and of the measured one. */
export async function behaveFunction(ports: Ports, request: FunctionBehaveRequest): Promise<Behaviour> {
  const { workload, load, scope, signal } = request;
  const smallest = Math.min(...(workload.sizes ?? []));
  const sizes = load.size === undefined ? [] : [...new Set([Math.min(smallest, load.size), load.size])];
  return await ports.bench.observe({ ...functionPlan(ports, request, undefined), sizes, scope }, signal);
}
