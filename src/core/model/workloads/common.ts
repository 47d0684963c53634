import { z } from 'zod';

export const NAME = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{0,63}$/, 'use lower-case letters, digits, "-" and "_" (at most 64)');

/** An argument vector; never a shell string, so nothing in it is ever interpreted by a shell. */
export const argvSchema = z.array(z.string().min(1)).min(1);
export type Argv = z.infer<typeof argvSchema>;

/** Relative to the project, and inside of it. */
export const projectPathSchema = z
  .string()
  .min(1)
  .refine(
    (path) => !path.startsWith('/') && !/^[A-Za-z]:/.test(path) && !path.split(/[\\/]/).includes('..'),
    'give a path relative to the project, without ".."',
  );

export const environmentSchema = z.record(z.string(), z.string());

/** What every kind of workload has. */
export const commonFields = {
  name: NAME,
  description: z.string().optional().describe('the user journey or hot path that this stands for'),
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
  bundle: z
    .array(projectPathSchema)
    .min(1)
    .optional()
    .describe('files or directories ("*" in names) whose size is metric bundle_bytes, e.g. ["dist"]'),
  draft: z.boolean().optional().describe('true while nobody has confirmed it'),
};
