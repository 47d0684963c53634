import { z } from 'zod';
import { templateUses } from '../../load/template-uses.ts';
import { argvSchema, commonFields, environmentSchema, projectPathSchema } from './common.ts';
import { journeySchema, requestSchema } from './http-requests.ts';

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
  env: environmentSchema.optional().describe('"{port}" is replaced here too'),
  cwd: z.string().optional().describe('relative to the project'),
  ready: readySchema.optional(),
  scheme: z
    .enum(['http', 'https'])
    .optional()
    .describe('what it speaks on its port; default http. A certificate on this machine is not checked'),
  timeout_s: z.number().positive().max(300).optional().describe('default 20'),
});
export type Start = z.infer<typeof startSchema>;

const factorSchema = z.number().min(0).max(100);

export const arrivalsSchema = z
  .union([
    z.enum(['constant', 'poisson']),
    z
      .strictObject({ steps: z.array(factorSchema).min(1).max(100) })
      .describe('factors of the rate, each for an equal part of the time'),
    z
      .strictObject({ ramp: z.strictObject({ from: factorSchema, to: factorSchema }) })
      .describe('factors of the rate at the beginning and at the end'),
  ])
  .refine(
    (arrivals) =>
      typeof arrivals === 'string' ||
      ('steps' in arrivals ? arrivals.steps : Object.values(arrivals.ramp)).some((factor) => factor > 0),
    'one factor must be above 0',
  )
  .describe('default constant; poisson: as users who know nothing of each other come');

export const attachSchema = z
  .strictObject({
    url: z
      .string()
      .regex(/^https?:\/\/[^\s/?#@]+\/?$/, 'give an origin such as http://127.0.0.1:8080, without a path'),
  })
  .describe(
    'a service that already runs, on this machine, in place of "start": no fresh processes, no CPU or memory, no comparison of changes',
  );

const fields = z.strictObject({
  ...commonFields,
  kind: z.literal('http'),
  start: startSchema.optional().describe('how a fresh process is started; this or "attach"'),
  attach: attachSchema.optional(),
  requests: z
    .array(requestSchema)
    .min(1)
    .optional()
    .describe('single requests, drawn by weight; these or "journeys", or both'),
  journeys: z
    .array(journeySchema)
    .min(1)
    .max(50)
    .optional()
    .describe(
      'what users do in several steps, e.g. [{"name":"buy","cookies":true,"steps":[{"path":"/login","method":"POST","body":{"user":"{{user}}"},"extract":{"token":{"json":"$.token"}}},{"path":"/cart","headers":{"authorization":"Bearer {{token}}"},"think_ms":50}]}]',
    ),
  data: z
    .strictObject({
      file: projectPathSchema
        .regex(/\.(csv|jsonl|ndjson)$/i, 'give a .csv, .jsonl or .ndjson file')
        .describe(
          'CSV with a line of column names, or one JSON object a line; each request or journey takes a row',
        ),
    })
    .optional(),
  load: z
    .strictObject({
      connections: z
        .int()
        .min(1)
        .max(1000)
        .optional()
        .describe('closed loop, default 16; with journeys, users'),
      rate_per_s: z
        .number()
        .positive()
        .max(100_000)
        .optional()
        .describe(
          'open loop: requests, or journeys begun; default 60 % of the measured capacity, at most 2000 requests',
        ),
      arrivals: arrivalsSchema.optional(),
    })
    .optional(),
});

/** What the fields alone cannot say. */
export const httpWorkloadSchema = fields.superRefine((workload, context) => {
  const refuse = (path: readonly (string | number)[], message: string): void =>
    context.addIssue({ code: 'custom', path: [...path], message });
  if ((workload.start === undefined) === (workload.attach === undefined))
    refuse(['start'], 'give exactly one of "start" and "attach"');
  if (workload.requests === undefined && workload.journeys === undefined)
    refuse(['requests'], 'give "requests" or "journeys", or both');
  const names = (workload.journeys ?? []).map(({ name }) => name);
  if (new Set(names).size < names.length) refuse(['journeys'], 'give each journey a name of its own');
  if (workload.data !== undefined) return;
  for (const { path, names: unknown } of templateUses(workload)) {
    refuse(path, `{{${unknown[0] ?? ''}}} is given a value by no earlier step, and there is no "data"`);
  }
});
export type HttpWorkload = z.infer<typeof httpWorkloadSchema>;
