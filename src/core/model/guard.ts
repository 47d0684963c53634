import { z } from 'zod';
import { NAME } from './workloads/common.ts';
import { estimateSchema, metricNameSchema } from './measurement.ts';
import { decisionKindSchema } from './experiment.ts';

/** A limit that CI keeps, with where it came from. Committed in `.deep-optimize/budgets.json`. */
export const budgetSchema = z
  .strictObject({
    id: NAME,
    workload: NAME,
    metric: metricNameSchema,
    max: z.number().optional(),
    min: z.number().optional(),
    provenance: z.strictObject({
      from: z.enum(['goal', 'baseline', 'experiment', 'manual']),
      id: z.string().nullable().describe('the record it came from'),
      estimate: estimateSchema.nullable(),
      machine: z.string().nullable().describe('fingerprint id of where the number was measured'),
      text: z.string(),
    }),
    created_at: z.string(),
  })
  .refine((b) => (b.max === undefined) !== (b.min === undefined), 'give exactly one of "max" and "min"');
export type Budget = z.infer<typeof budgetSchema>;

export const budgetsFileSchema = z.strictObject({
  $schema: z.string().optional(),
  version: z.literal(1).optional(),
  budgets: z.array(budgetSchema),
});
export type BudgetsFile = z.infer<typeof budgetsFileSchema>;

export const budgetOutcomeSchema = z.object({
  budget_id: z.string(),
  workload: z.string(),
  metric: metricNameSchema,
  bound: z.enum(['max', 'min']),
  limit: z.number(),
  outcome: z.enum(['pass', 'fail', 'inconclusive', 'invalid']),
  value: z.number().nullable(),
  interval: z.tuple([z.number(), z.number()]).nullable(),
  n: z.int(),
  reason: z.string(),
});
export type BudgetOutcome = z.infer<typeof budgetOutcomeSchema>;

export const decisionSchema = z.object({
  id: z.string().describe('the number of the file, four digits'),
  file: z.string().describe('relative to the project'),
  title: z.string(),
  kind: decisionKindSchema,
  experiment_id: z.string(),
  rationale: z.string(),
  created_at: z.string(),
});
export type Decision = z.infer<typeof decisionSchema>;
