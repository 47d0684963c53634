import { z } from 'zod';
import { argvSchema, commonFields, environmentSchema, projectPathSchema } from './common.ts';

/** Any program in any language, run to its end. */
export const commandWorkloadSchema = z.strictObject({
  ...commonFields,
  kind: z.literal('command'),
  command: argvSchema.describe('argument vector; "{name}" is replaced by a parameter'),
  parameters: z
    .record(z.string().regex(/^[a-z][a-z0-9_]*$/i), z.array(z.union([z.string(), z.number()])).min(1))
    .optional()
    .describe('values for "{name}"; a sample runs every combination once'),
  cwd: projectPathSchema.optional(),
  env: environmentSchema.optional(),
  stdin: projectPathSchema.optional().describe('a file that is given as standard input'),
  prepare: z.array(argvSchema).optional().describe('before each run, not measured'),
  cleanup: z.array(argvSchema).optional().describe('after each run, not measured'),
  expect: z
    .strictObject({
      exit_code: z.int().min(0).max(255).optional().describe('default 0'),
      stdout_includes: z.string().min(1).optional(),
      files: z.array(projectPathSchema).optional().describe('that must be there afterwards'),
    })
    .optional(),
  deterministic: z.boolean().optional().describe('count instructions by valgrind too'),
  timeout_s: z.number().positive().max(3600).optional().describe('of one run; default 60'),
});
export type CommandWorkload = z.infer<typeof commandWorkloadSchema>;
