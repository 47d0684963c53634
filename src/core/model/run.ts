import { z } from 'zod';

export const runKindSchema = z.enum(['baseline', 'bottlenecks', 'validation', 'budget-check']);
export type RunKind = z.infer<typeof runKindSchema>;

export const runStateSchema = z.enum(['running', 'done', 'failed', 'cancelled', 'interrupted']);
export type RunState = z.infer<typeof runStateSchema>;

/** One job that executes something. Its result is the whole answer of the tool that started it, so that `get_run` can give it again. */
export const runSchema = z.object({
  id: z.string(),
  kind: runKindSchema,
  tool: z.string(),
  workload: z.string().nullable(),
  /** Same key while active = same run: a retried request joins instead of starting again. */
  key: z.string(),
  state: runStateSchema,
  progress: z.object({ fraction: z.number(), message: z.string(), eta_s: z.number().nullable() }),
  /** Process that owns it, to tell a run of a live server from one that was interrupted. */
  owner: z.object({ pid: z.int(), started_at: z.string() }),
  result: z.unknown(),
  error: z.unknown(),
  created_at: z.string(),
  ended_at: z.string().nullable(),
});
export type Run = z.infer<typeof runSchema>;
