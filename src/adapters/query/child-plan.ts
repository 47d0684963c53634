import type { QueryObservePlan, QueryPlan } from '../../core/ports/queries.ts';

/** What the process that executes is told. It goes through a pipe: arguments and environments can be read by others. */
export type QueryChildPlan = MeasurePlan | ObservePlan;

export interface MeasurePlan
  extends Statement, Pick<QueryPlan, 'warmupMs' | 'executions' | 'limitMs' | 'seed' | 'analyze'> {
  readonly task: 'measure';
}

export interface ObservePlan extends Statement, Pick<QueryObservePlan, 'scope'> {
  readonly task: 'observe';
}

interface Statement extends Pick<QueryPlan, 'params' | 'writes' | 'timeoutMs'> {
  /** Of the process that planned this; when it is gone, nobody waits for the result. */
  readonly parentPid: number;
  readonly sql: string;
  readonly database:
    | { readonly engine: 'postgres'; readonly url: string; readonly allowHosts: readonly string[] }
    /** Absolute. */
    | { readonly engine: 'sqlite'; readonly path: string };
}

/** Starts a line that tells of an edge of the window, as it happens. */
export const WINDOW_LINE = 'window ';
/** A line that says that executions go on; without one for longer than an execution may take, the process is ended. */
export const BEAT_LINE = 'beat';
/** Distance of the beats, in ms. */
export const BEAT_MS = 100;
/** Starts the line with the result, and the one with an error of ours, both as JSON. */
export const RESULT_LINE = 'result ';
export const FAILURE_LINE = 'failure ';
