import { settleExecutions } from '../../../core/query/executions.ts';
import type { Ports } from '../../../core/ports/index.ts';
import type { SettledLoad } from '../measurer.ts';
import { planQuery, type QueryPlanRequest } from './plan.ts';

/** Enough that a neighbour who takes the core now and then does not decide; a slow statement is tried for half a window only. */
const TRIED_EXECUTIONS = 200;

/** As many executions as fill the window of the effort in one process now, the same for both sides ever after. */
export async function settleExecutionCount(ports: Ports, request: QueryPlanRequest): Promise<SettledLoad> {
  const { plan, signal } = request;
  const common = planQuery(ports, request);
  const tried = await ports.queries.measure(
    { ...common, executions: TRIED_EXECUTIONS, limitMs: plan.closedMs / 2, seed: 1, analyze: false },
    signal,
  );
  const executions = settleExecutions(
    tried.durationMs / tried.executions,
    plan.closedMs,
    common.params.length,
  );
  return { load: { kind: 'query', executions }, capacityRps: null };
}
