import { z } from 'zod';
import { commonFields, environmentSchema, projectPathSchema } from './common.ts';

const argumentsSchema = z
  .union([
    z.strictObject({ json: z.array(z.unknown()) }).describe('the arguments of one call'),
    z.strictObject({ file: projectPathSchema }).describe('a JSON file that holds an array: the arguments'),
    z
      .strictObject({ module: projectPathSchema, export: z.string().min(1).optional() })
      .describe(
        'a generator of inputs (default export unless named): called with the size, returns (or yields) one arguments array for each input; calls cycle through all of them, and a timing holds whole cycles',
      ),
  ])
  .describe('default: none');

/** An exported function, called in a loop inside a fresh process. */
export const functionWorkloadSchema = z
  .strictObject({
    ...commonFields,
    kind: z.literal('function'),
    module: projectPathSchema.describe('JavaScript or TypeScript'),
    export: z.string().min(1).optional().describe('default "default"; "a.b" reaches into an exported object'),
    args: argumentsSchema.optional(),
    sizes: z
      .array(z.number().positive())
      .min(1)
      .max(50)
      .optional()
      .describe('given to the generator; a baseline takes the largest, a sweep all of them'),
    env: environmentSchema.optional(),
    node_args: z.array(z.string().startsWith('-')).optional().describe('options of Node.js'),
    timeout_s: z.number().positive().max(600).optional().describe('of one process; default 60'),
  })
  .refine(
    ({ sizes, args }) => sizes === undefined || (args !== undefined && 'module' in args),
    '"sizes" are given to a generator of arguments: name its "module" in "args"',
  );
export type FunctionWorkload = z.infer<typeof functionWorkloadSchema>;
