import { z } from 'zod';
import { METRIC_NAMES } from './metrics.ts';
import { argvSchema, NAME } from './workloads/common.ts';
import { workloadSchema } from './workloads/index.ts';

export type { Argv } from './workloads/common.ts';
export type { CommandWorkload } from './workloads/command.ts';
export type { Workload } from './workloads/index.ts';
export type { HttpWorkload, Ready, Start } from './workloads/http.ts';
export type { HttpJourney, HttpRequest, HttpStep } from './workloads/http-requests.ts';

/**
 * What a person commits in `.deep-optimize/goals.json`: workloads, objectives, constraints. The zod schemas are the
 * one source of the types, of the published JSON Schema (`schemas/goals.schema.json`) and of the tools' inputs.
 */
export const objectiveSchema = z
  .strictObject({
    workload: NAME,
    metric: z.enum(METRIC_NAMES),
    max: z.number().optional(),
    min: z.number().optional(),
    primary: z.boolean().optional().describe('the one metric that decides a verdict on this workload'),
    draft: z.boolean().optional().describe('true while nobody has confirmed the number'),
  })
  .refine((o) => (o.max === undefined) !== (o.min === undefined), 'give exactly one of "max" and "min"');
export type Objective = z.infer<typeof objectiveSchema>;

export const constraintSchema = z
  .strictObject({
    name: NAME,
    kind: z.enum(['hardware', 'quota', 'architecture', 'compatibility', 'other']),
    text: z.string().optional(),
    forbids: z
      .array(
        z.enum([
          'new-dependency',
          'new-infrastructure',
          'cache',
          'schema-change',
          'parallelism',
          'async-processing',
          'api-change',
          'config-change',
          'more-memory',
        ]),
      )
      .optional()
      .describe('what a strategy may not do'),
    workload: NAME.optional(),
    metric: z.enum(METRIC_NAMES).optional(),
    max: z.number().optional(),
    min: z.number().optional(),
    draft: z.boolean().optional().describe('true while nobody has confirmed it'),
  })
  .refine(
    (c) => c.metric === undefined || (c.max === undefined) !== (c.min === undefined),
    'a constraint with a metric needs exactly one of "max" and "min"',
  );
export type Constraint = z.infer<typeof constraintSchema>;

export const correctnessSchema = z.strictObject({
  test: argvSchema.optional().describe("the project's own test command"),
  timeout_s: z.number().positive().max(3600).optional().describe('default 300'),
});

/** What a cost objective is reckoned with; nothing is known about prices but what stands here. */
export const pricesSchema = z.strictObject({
  currency: z.string().regex(/^[A-Z]{3}$/, 'use an ISO 4217 code such as "USD"'),
  cpu_hour: z.number().nonnegative().optional().describe('one core for one hour'),
  gib_hour: z.number().nonnegative().optional().describe('one GiB of memory for one hour'),
  gib_transferred: z.number().nonnegative().optional().describe('one GiB of answers sent'),
});
export type Prices = z.infer<typeof pricesSchema>;

export const goalsSchema = z.strictObject({
  $schema: z.string().optional(),
  version: z.literal(1).optional(),
  workloads: z.array(workloadSchema),
  objectives: z.array(objectiveSchema),
  constraints: z.array(constraintSchema),
  correctness: correctnessSchema.optional(),
  prices: pricesSchema.optional(),
});
export type Goals = z.infer<typeof goalsSchema>;

export const NO_GOALS: Goals = { workloads: [], objectives: [], constraints: [] };
