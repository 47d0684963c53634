import type { Behaviour } from '../../../core/behaviour/model.ts';
import type { QueryWorkload } from '../../../core/model/workloads/query.ts';
import type { Ports } from '../../../core/ports/index.ts';
import type { BehaveContext } from '../measurer.ts';
import { planQuery } from './plan.ts';

export interface QueryBehaveRequest extends BehaveContext {
  readonly workload: QueryWorkload;
}

/** What the statement returns for its parameter sets, in the order in which they are given. */
export async function behaveQuery(ports: Ports, request: QueryBehaveRequest): Promise<Behaviour> {
  const { warmupMs: _warmup, limitMs: _limit, ...statement } = planQuery(ports, request);
  return await ports.queries.observe({ ...statement, scope: request.scope }, request.signal);
}
