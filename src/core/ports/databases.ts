import type { StatementDelta } from '../database/model.ts';
import type { QueryDatabase } from './queries.ts';

export interface DatabaseAccess {
  readonly database: QueryDatabase;
  /** Absolute path of the checkout: SQLite files and .env are looked for there. */
  readonly directory: string;
  /** What the workload adds to the server's environment when the URL is looked for. */
  readonly env: Readonly<Record<string, string>>;
  readonly runId: string;
}

/** A statement of a trace, with what is needed to ask for its plan. */
export interface StatementToExplain {
  readonly fingerprint: string;
  /** With $1 or ? where values go. */
  readonly sql: string;
  /** Of the program; absent: planned without values. They leave this machine's memory for the database only. */
  readonly params?: readonly unknown[];
}

export interface ExplainedStatement {
  readonly fingerprint: string;
  readonly mode: 'analyze' | 'estimate';
  /** PostgreSQL: the object of EXPLAIN (FORMAT JSON). SQLite: the rows of EXPLAIN QUERY PLAN. Literals of the program are in it. */
  readonly plan: unknown;
  readonly tableRows: Readonly<Record<string, number>>;
}

export interface Explanation {
  readonly explained: readonly ExplainedStatement[];
  readonly skipped: readonly { readonly fingerprint: string; readonly reason: string }[];
}

/** Sessions of the program that waited for others of it, as sampled; texts as the sessions sent them. */
export interface DatabaseActivity {
  /** When each look at the sessions was, in ms since the epoch. */
  readonly pollsAtMs: readonly number[];
  /** Those in which a session of the program was active. */
  readonly activeAtMs: readonly number[];
  readonly waits: readonly SampledWait[];
  readonly transactions: readonly SampledTransaction[];
  /** Null where pg_stat_statements, or the right to read it, is missing. */
  readonly statements: readonly StatementDelta[] | null;
  /** The role may not read what other sessions run. */
  readonly hidden: boolean;
}

export interface SampledWait {
  readonly query: string;
  /** As PostgreSQL names it: "transactionid", "tuple", "relation", "advisory". */
  readonly lock: string;
  readonly relation: string | null;
  /** When a session was met waiting: one for each sample. */
  readonly seenAtMs: readonly number[];
  readonly blockers: readonly {
    readonly query: string;
    readonly state: string;
    readonly samples: number;
  }[];
}

export interface SampledTransaction {
  readonly lastQuery: string;
  readonly state: 'active' | 'idle in transaction';
  readonly samples: number;
  readonly longestMs: number;
}

export interface DatabaseWatch {
  /** Ends it, and tells what it saw. Rejects as `watch` does. */
  stop(): Promise<DatabaseActivity>;
}

/** Looking at the program's own database from beside it. Whatever is asked is only read, and rolled back. */
export interface Databases {
  /** Name of the variable that holds the URL of the program's PostgreSQL; undefined when there is none. */
  findUrl(sources: Pick<DatabaseAccess, 'env' | 'directory'>): Promise<string | undefined>;
  /**
   * Samples the sessions of the database until it is stopped; resolves when it has begun. Only PostgreSQL can be watched.
   * Rejects with InputError invalid_goals or host_not_allowed, with EnvironmentError no_database_url or database_unreachable.
   */
  watch(access: DatabaseAccess, signal: AbortSignal): Promise<DatabaseWatch>;
  /** Rejects as `watch` does. */
  explain(
    access: DatabaseAccess,
    statements: readonly StatementToExplain[],
    signal: AbortSignal,
  ): Promise<Explanation>;
}
