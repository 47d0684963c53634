import { z } from 'zod';
import { METRIC_NAMES } from './metrics.ts';

/**
 * What a person commits in `.deep-optimize/goals.json`: workloads, objectives, constraints. The zod schemas are the
 * one source of the types, of the published JSON Schema (`schemas/goals.schema.json`) and of the tools' inputs.
 */
export const NAME = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{0,63}$/, 'use lower-case letters, digits, "-" and "_" (at most 64)');

/** An argument vector; never a shell string, so nothing in it is ever interpreted by a shell. */
export const argvSchema = z.array(z.string().min(1)).min(1);
export type Argv = z.infer<typeof argvSchema>;

export const readySchema = z
  .union([
    z.strictObject({ path: z.string().startsWith('/') }).describe('GET answers below 500'),
    z.strictObject({ port: z.literal(true) }).describe('the port accepts a connection'),
    z.strictObject({ output: z.string().min(1) }).describe('a line of output contains this text'),
  ])
  .describe('how a start is known to have succeeded; default: the port accepts a connection');
export type Ready = z.infer<typeof readySchema>;

export const startSchema = z.strictObject({
  command: argvSchema.describe(
    'argument vector; "{port}" is replaced by the free port, which is also in env PORT',
  ),
  env: z.record(z.string(), z.string()).optional().describe('"{port}" is replaced here too'),
  cwd: z.string().optional().describe('relative to the project'),
  ready: readySchema.optional(),
  timeout_s: z.number().positive().max(300).optional().describe('default 20'),
});
export type Start = z.infer<typeof startSchema>;

export const requestSchema = z.strictObject({
  name: NAME.optional(),
  method: z
    .enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'])
    .optional()
    .describe('default GET'),
  path: z.string().startsWith('/'),
  headers: z.record(z.string(), z.string()).optional(),
  body: z
    .union([z.string(), z.record(z.string(), z.unknown()), z.array(z.unknown())])
    .optional()
    .describe('JSON unless a string'),
  weight: z.int().positive().max(1000).optional().describe('default 1'),
  expect: z
    .strictObject({
      status: z.int().min(100).max(599).optional(),
      body_includes: z.string().min(1).optional(),
    })
    .optional()
    .describe('default: status below 400'),
});
export type HttpRequest = z.infer<typeof requestSchema>;

export const httpWorkloadSchema = z.strictObject({
  name: NAME,
  kind: z.literal('http'),
  description: z.string().optional().describe('the user journey or hot path that this stands for'),
  start: startSchema,
  setup: z
    .array(argvSchema)
    .optional()
    .describe('run once in each checkout before the first start, e.g. a build'),
  include: z
    .array(z.string().min(1))
    .optional()
    .describe(
      'git-ignored paths that a start needs (.env files are found by themselves); linked into the checkout',
    ),
  requests: z.array(requestSchema).min(1),
  load: z
    .strictObject({
      connections: z.int().min(1).max(1000).optional().describe('closed loop, default 16'),
      rate_per_s: z
        .number()
        .positive()
        .max(100_000)
        .optional()
        .describe('open loop; default 60 % of the measured capacity'),
    })
    .optional(),
});
export type HttpWorkload = z.infer<typeof httpWorkloadSchema>;

/** A discriminated union with one member today; function, command and query workloads join it. */
export const workloadSchema = z.discriminatedUnion('kind', [httpWorkloadSchema]);
export type Workload = z.infer<typeof workloadSchema>;

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

export const goalsSchema = z.strictObject({
  $schema: z.string().optional(),
  version: z.literal(1).optional(),
  workloads: z.array(workloadSchema),
  objectives: z.array(objectiveSchema),
  constraints: z.array(constraintSchema),
  correctness: correctnessSchema.optional(),
});
export type Goals = z.infer<typeof goalsSchema>;

export const NO_GOALS: Goals = { workloads: [], objectives: [], constraints: [] };
