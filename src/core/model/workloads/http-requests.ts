import { z } from 'zod';
import { NAME } from './common.ts';

/** What is sent and what must come back, alone or as a step of a journey. */
const methodSchema = z
  .enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'])
  .optional()
  .describe('default GET');

const pathSchema = z
  .string()
  .regex(/^(\/|\{\{)/, 'begin with "/", or with a template whose value is a path')
  .describe(
    '"{{name}}" here, in header values and in the body is a column of "data" or what an earlier step extracted',
  );

const bodySchema = z
  .union([z.string(), z.record(z.string(), z.unknown()), z.array(z.unknown())])
  .optional()
  .describe('JSON unless a string; in JSON, a string that is one "{{name}}" becomes the value with its type');

const jsonPathSchema = z.string().startsWith('$', 'a JSON path (RFC 9535) begins with "$"');

const expectSchema = z
  .strictObject({
    status: z.int().min(100).max(599).optional(),
    headers: z
      .record(z.string().min(1), z.union([z.string(), z.strictObject({ includes: z.string().min(1) })]))
      .optional()
      .describe('the whole value, or {"includes": "a part"}'),
    body_includes: z.string().min(1).optional(),
    json: z
      .record(jsonPathSchema, z.unknown())
      .optional()
      .describe('values of the body by JSON path, e.g. {"$.ok": true}'),
  })
  .optional()
  .describe('default: status below 400');

const extractionSchema = z.union([
  z.strictObject({ json: jsonPathSchema }).describe('of the body, by JSON path; the first that it finds'),
  z.strictObject({ header: z.string().min(1) }),
  z.strictObject({ cookie: z.string().min(1) }).describe('that the answer sets'),
]);

const sentFields = {
  name: NAME.optional(),
  method: methodSchema,
  path: pathSchema,
  headers: z.record(z.string(), z.string()).optional(),
  body: bodySchema,
  expect: expectSchema,
};

const weightSchema = z.int().positive().max(1000).optional().describe('default 1');

export const requestSchema = z.strictObject({ ...sentFields, weight: weightSchema });
export type HttpRequest = z.infer<typeof requestSchema>;

const THINK_MAX_MS = 60_000;
const thinkSchema = z.number().min(0).max(THINK_MAX_MS);

export const stepSchema = z.strictObject({
  ...sentFields,
  think_ms: z
    .union([
      thinkSchema,
      z.tuple([thinkSchema, thinkSchema]).refine(([least, most]) => least <= most, 'give [least, most]'),
    ])
    .optional()
    .describe('pause before this step: one number, or [least, most]'),
  extract: z
    .record(z.string().regex(/^[A-Za-z_][\w.-]*$/, 'use letters, digits, "_", "." and "-"'), extractionSchema)
    .optional()
    .describe('values for "{{name}}" in later steps; finding none ends the journey as failed'),
});
export type HttpStep = z.infer<typeof stepSchema>;

export const journeySchema = z.strictObject({
  name: NAME,
  weight: weightSchema,
  cookies: z
    .boolean()
    .optional()
    .describe('true: cookies that answers set are sent with later steps; each journey begins without any'),
  steps: z.array(stepSchema).min(1).max(50).describe('in order; one that fails ends the journey'),
});
export type HttpJourney = z.infer<typeof journeySchema>;
