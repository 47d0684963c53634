import type { Behaviour, ObservationScope } from '../behaviour/model.ts';
import type { WindowEdge } from './load.ts';

export type QueryDatabase =
  /** The URL itself never leaves the adapter: it is found by name where the statement is about to run. */
  | { readonly engine: 'postgres'; readonly urlEnv: string }
  /** Relative to the checkout. */
  | { readonly engine: 'sqlite'; readonly file: string };

/** One fresh process with one connection: warm-up, then timed executions of one statement, then its analysis. */
export interface QueryPlan {
  readonly database: QueryDatabase;
  /** The statement itself, or a file of the checkout that holds it. */
  readonly sql: { readonly text: string } | { readonly file: string };
  /** At least one set, which may be empty. */
  readonly params: readonly (readonly unknown[])[];
  /** Absolute path of the checkout: SQL files, SQLite files and .env are looked for there. */
  readonly directory: string;
  /** What the workload adds to the server's environment when the URL is looked for. */
  readonly env: Readonly<Record<string, string>>;
  /** The warm-up ends after this time and at least one execution. */
  readonly warmupMs: number;
  readonly executions: number;
  /** The timed executions end early after this time, once there are enough for quantiles. */
  readonly limitMs: number;
  /** Of the order of the parameter sets. */
  readonly seed: number;
  /** The statement may write; each execution is rolled back. */
  readonly writes: boolean;
  /** EXPLAIN ANALYZE in executions of their own, after the timed ones. */
  readonly analyze: boolean;
  /** Of one execution. */
  readonly timeoutMs: number;
  readonly cpus?: readonly number[];
  readonly runId: string;
  readonly onWindow?: (edge: WindowEdge) => void;
}

export interface QueryObservePlan extends Pick<
  QueryPlan,
  'database' | 'sql' | 'params' | 'directory' | 'env' | 'writes' | 'timeoutMs' | 'cpus' | 'runId'
> {
  readonly scope: ObservationScope;
}

export interface QueryMeasurement {
  /** See core/query/executions.ts. */
  readonly wallMs: number;
  readonly wallLowMs: number;
  /** Mean over the timed executions. */
  readonly rows: number;
  readonly executions: number;
  /** Fewer executions than planned, because they took too long. */
  readonly cutShort: boolean;
  /** Of the window in which executions were timed. */
  readonly durationMs: number;
  /** CPU of the process that executes, in the window. It is the database's own CPU where that is a library (SQLite). */
  readonly clientCpuUs: number;
  /** CPU of the database server's processes that worked for this connection; null where they are not found on this machine. */
  readonly serverCpuUs: number | null;
  readonly analysis?: {
    readonly planningMs: number;
    readonly executionMs: number;
    /** Shared buffers, hit and read. */
    readonly buffers: number;
  };
}

export interface Queries {
  /**
   * Rejects with InputError sql_invalid, sql_refused, invalid_goals or host_not_allowed, with EnvironmentError
   * no_database_url or database_unreachable, with TargetError statement_failed or statement_timeout.
   */
  measure(plan: QueryPlan, signal: AbortSignal): Promise<QueryMeasurement>;
  /** What the statement returns for one parameter set after the other; rejects like `measure`. */
  observe(plan: QueryObservePlan, signal: AbortSignal): Promise<Behaviour>;
}
