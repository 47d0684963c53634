import { z } from 'zod';
import type { DatabaseActivity, Explanation, StatementToExplain } from '../../core/ports/databases.ts';

/** What the process beside the program's database is told, through its stdin. */
export type DatabaseChildPlan = {
  /** Of the process that planned this; when it is gone, nobody waits for the result. */
  readonly parentPid: number;
  readonly database:
    | { readonly engine: 'postgres'; readonly url: string; readonly allowHosts: readonly string[] }
    /** Absolute. */
    | { readonly engine: 'sqlite'; readonly path: string };
} & (
  | { readonly task: 'watch'; readonly everyMs: number }
  | { readonly task: 'explain'; readonly statements: readonly StatementToExplain[] }
);

/** The line that says that the first look was taken. */
export const WATCHING_LINE = 'watching';

const deltaSchema = z.object({
  text: z.string(),
  calls: z.number(),
  totalMs: z.number(),
  rows: z.number(),
});

export const activitySchema: z.ZodType<DatabaseActivity> = z.object({
  pollsAtMs: z.array(z.number()),
  activeAtMs: z.array(z.number()),
  waits: z.array(
    z.object({
      query: z.string(),
      lock: z.string(),
      relation: z.string().nullable(),
      seenAtMs: z.array(z.number()),
      blockers: z.array(z.object({ query: z.string(), state: z.string(), samples: z.number() })),
    }),
  ),
  transactions: z.array(
    z.object({
      lastQuery: z.string(),
      state: z.enum(['active', 'idle in transaction']),
      samples: z.number(),
      longestMs: z.number(),
    }),
  ),
  statements: z.array(deltaSchema).nullable(),
  hidden: z.boolean(),
});

export const explanationSchema: z.ZodType<Explanation> = z.object({
  explained: z.array(
    z.object({
      fingerprint: z.string(),
      mode: z.enum(['analyze', 'estimate']),
      plan: z.unknown(),
      tableRows: z.record(z.string(), z.number()),
    }),
  ),
  skipped: z.array(z.object({ fingerprint: z.string(), reason: z.string() })),
});
