import { z } from 'zod';

export const REVIEW_FLAG_KINDS = [
  'tests',
  'benchmark',
  'configuration',
  'lockfile',
  'runtime-mode',
  'clock',
  'cache',
  'state-on-disk',
  'global-state',
  'import-time-work',
  'input-fast-path',
] as const;

/** A reason for a person to look at a change before believing its speed; not an accusation. */
export const reviewFlagSchema = z.object({
  kind: z.enum(REVIEW_FLAG_KINDS),
  file: z.string(),
  line: z.int().nullable().describe('1-based; null: the file as a whole'),
  text: z.string().describe('what stands there'),
});
export type ReviewFlag = z.infer<typeof reviewFlagSchema>;
