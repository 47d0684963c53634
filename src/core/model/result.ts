import { z } from 'zod';
import { warningSchema } from './warning.ts';

/** A typed suggestion of the next call. */
export const nextStepSchema = z.object({
  tool: z.string(),
  arguments: z.record(z.string(), z.unknown()),
  why: z.string(),
});
export type NextStep = z.infer<typeof nextStepSchema>;

export const linkSchema = z.object({ uri: z.string(), title: z.string(), mime_type: z.string() });
export type Link = z.infer<typeof linkSchema>;

/**
 * The result envelope that every tool answers with; a tool's own fields stand beside these. `summary` is at most
 * three sentences, the verdict first.
 */
export const envelopeSchema = z.object({
  status: z.enum(['done', 'running', 'failed', 'cancelled', 'interrupted']),
  run_id: z.string().optional(),
  /** Which tool this is the result of, when a run gave it. No description: it would be published with every tool. */
  tool: z.string().optional(),
  summary: z.string(),
  warnings: z.array(warningSchema),
  next_steps: z.array(nextStepSchema),
  links: z.array(linkSchema),
});
export type Envelope = z.infer<typeof envelopeSchema>;
