import { DEFAULT_STATEMENT_TIMEOUT_S } from '../../../core/efforts.ts';
import type { QueryWorkload } from '../../../core/model/workloads/query.ts';
import type { Ports } from '../../../core/ports/index.ts';
import type { QueryPlan } from '../../../core/ports/queries.ts';
import type { MeasureContext, WorkloadStatement } from '../measurer.ts';

export interface QueryPlanRequest extends MeasureContext {
  readonly workload: QueryWorkload;
}

/** A candidate may be slower by this before its executions are cut short. */
const LIMIT_WINDOWS = 20;

export function statementOf({ database, sql, file, params }: QueryWorkload): WorkloadStatement {
  return {
    database:
      database.engine === 'postgres'
        ? { engine: 'postgres', urlEnv: database.url_env }
        : { engine: 'sqlite', file: database.file },
    sql: file === undefined ? { text: sql ?? '' } : { file },
    params: params ?? [[]],
  };
}

/** What every process of a query workload has in common. */
export function planQuery(
  ports: Ports,
  { workload, directory, plan, runId }: QueryPlanRequest,
): Omit<QueryPlan, 'executions' | 'seed' | 'analyze'> {
  const { database, writes = false, timeout_s = DEFAULT_STATEMENT_TIMEOUT_S } = workload;
  const cpus = ports.machine.cpuPlan();
  return {
    ...statementOf(workload),
    directory,
    env: workload.env ?? {},
    warmupMs: plan.warmupMs,
    limitMs: plan.closedMs * LIMIT_WINDOWS,
    writes,
    timeoutMs: timeout_s * 1000,
    // As a library the database is the program; before a server the process only asks.
    ...(cpus === undefined ? {} : { cpus: database.engine === 'sqlite' ? cpus.target : cpus.generator }),
    runId,
  };
}
