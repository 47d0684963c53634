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

/** One connection that executes one statement, whatever the database is. Whatever it does is undone. */
export interface Session {
  execute(params: readonly unknown[]): Promise<Executed>;
  /** EXPLAIN ANALYZE of one execution; only where the database has it. */
  analyze?(params: readonly unknown[]): Promise<Analyzed>;
  /** CPU that the server has used for this connection so far, in µs; null where it is a library, or on another machine. */
  serverCpuUs(): number | null;
  close(): Promise<void>;
}
