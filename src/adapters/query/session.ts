import type { Tree } from '../../core/behaviour/model.ts';

export interface Executed {
  /** From the call to the last row. */
  readonly ms: number;
  readonly rows: number;
}

export interface Analyzed {
  readonly planningMs: number;
  readonly executionMs: number;
  readonly buffers: number;
}

/** What one execution returned, as the database gave it. */
export interface Returned {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Tree[])[];
  /** The statement itself says in which order. */
  readonly ordered: boolean;
}

/** One connection that executes one statement, whatever the database is. Whatever it does is undone. */
export interface Session {
  execute(params: readonly unknown[]): Promise<Executed>;
  /** One execution, with all that it returns. */
  fetch(params: readonly unknown[]): Promise<Returned>;
  /** EXPLAIN ANALYZE of one execution; only where the database has it. */
  analyze?(params: readonly unknown[]): Promise<Analyzed>;
  /** CPU that the server has used for this connection so far, in µs; null where it is a library, or on another machine. */
  serverCpuUs(): number | null;
  close(): Promise<void>;
}
