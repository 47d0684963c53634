import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { REVIEW_FLAG_KINDS } from '../../src/core/integrity/review-flag.ts';
import { mechanismSchema, testResultSchema, verdictSchema } from '../../src/core/model/experiment.ts';
import { METRIC_NAMES } from '../../src/core/model/metrics.ts';

/** What is expected of a change of examples/planted-changes; what is not named is not asked about. */
const expectedChangeSchema = z.strictObject({
  change: z.string(),
  workload: z.string(),
  why: z.string(),
  verdict: verdictSchema.optional(),
  /** For a change that is asked about again and again. */
  never: z.array(verdictSchema).optional(),
  tests: testResultSchema.shape.status.optional(),
  /** The file of the finding that the experiment names, and what has become of its cost. */
  blamed: z.string().optional(),
  mechanism: mechanismSchema.shape.status.optional(),
  /** A metric that has to be called regressed beside the primary one. */
  guardrail: z.enum(METRIC_NAMES).optional(),
  flags: z.array(z.strictObject({ kind: z.enum(REVIEW_FLAG_KINDS), file: z.string() })).optional(),
});
export type ExpectedChange = z.infer<typeof expectedChangeSchema>;

/** In the order in which they are asked about. */
export async function readExpectedChanges(example: string): Promise<readonly ExpectedChange[]> {
  const text = await readFile(join(example, 'changes', 'expected.json'), 'utf8');
  return z.array(expectedChangeSchema).parse(JSON.parse(text));
}
