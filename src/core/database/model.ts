/** What the database pass saw, beside the trace of the same load. */
export interface DatabaseFacts {
  readonly engine: 'postgres' | 'sqlite';
  /** What was under load: requests of a program that asks the database, or one statement by itself. */
  readonly load: 'requests' | 'statement';
  /** One for each statement that could be explained; by fingerprint of the trace. */
  readonly plans: readonly StatementPlan[];
  readonly locks: readonly LockWait[];
  /** Sessions that were idle inside a transaction, and those that held one open for long. */
  readonly transactions: readonly OpenTransaction[];
  /** Deltas of pg_stat_statements over the load; null where the extension or the right to read it is missing. */
  readonly statements: readonly StatementDelta[] | null;
}

export interface StatementShare {
  /** [0, 1]. */
  readonly value: number;
  readonly interval: readonly [number, number];
  readonly requests: number;
  /** Executions in a request, on average over all requests. */
  readonly perRequest: number;
}

export interface StatementPlan {
  readonly fingerprint: string;
  readonly text: string;
  /** The file of the project that holds it, where it stands in one by itself. */
  readonly file?: string;
  /** `analyze`: it was executed, in a read-only transaction that was rolled back; `estimate`: EXPLAIN alone. */
  readonly mode: 'analyze' | 'estimate';
  readonly root: PlanNode;
  /** Rows of the tables that it reads, as the database estimates them; by name. */
  readonly tableRows: Readonly<Record<string, number>>;
  /** Of the time of the requests that the trace saw; null where it saw none of them. */
  readonly share: StatementShare | null;
  readonly executionMs: number | null;
  readonly planningMs: number | null;
}

/** A node of a plan, in the words of PostgreSQL; SQLite's have no numbers. */
export interface PlanNode {
  readonly type: string;
  readonly relation?: string;
  readonly index?: string;
  readonly condition?: string;
  readonly filter?: string;
  readonly estimatedRows: number | null;
  /** Per loop. */
  readonly actualRows: number | null;
  readonly loops: number | null;
  /** Per loop. */
  readonly rowsRemovedByFilter: number | null;
  /** Inclusive of children, over all loops, in ms. */
  readonly totalMs: number | null;
  readonly sharedBuffers: number | null;
  readonly spilledKilobytes: number | null;
  readonly children: readonly PlanNode[];
}

export interface LockWait {
  /** Text of the statement that waited, normalized as in the trace, with its fingerprint. */
  readonly waiting: { readonly fingerprint: string; readonly text: string };
  readonly lock: string;
  readonly relation: string | null;
  /** What the sessions in the way ran last in their transaction, by how often they were seen there. */
  readonly blockers: readonly {
    readonly fingerprint: string;
    readonly text: string;
    readonly state: string;
    readonly samples: number;
  }[];
  readonly samples: number;
  /** Of all samples in which any session of the program was active, [0, 1]. */
  readonly shareOfActive: number;
  /** Of the time of the requests that the trace saw, the waiting statement with all its executions. */
  readonly share: StatementShare | null;
}

export interface OpenTransaction {
  readonly lastStatement: { readonly fingerprint: string; readonly text: string };
  readonly state: 'active' | 'idle in transaction';
  readonly samples: number;
  readonly longestMs: number;
}

export interface StatementDelta {
  readonly text: string;
  readonly calls: number;
  readonly totalMs: number;
  readonly rows: number;
}
