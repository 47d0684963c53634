import { z } from 'zod';
import { argvSchema, commonFields, environmentSchema, NAME } from './common.ts';

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
  ...commonFields,
  kind: z.literal('http'),
  start: startSchema,
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
