import { z } from 'zod';
import { commonFields, environmentSchema, projectPathSchema } from './common.ts';

const databaseSchema = z.discriminatedUnion('engine', [
  z.strictObject({
    engine: z.literal('postgres'),
    url_env: z
      .string()
      .regex(/^[A-Za-z_][A-Za-z0-9_]*$/)
      .describe('the NAME of the environment variable that holds the connection URL; never the URL itself'),
  }),
  z.strictObject({ engine: z.literal('sqlite'), file: projectPathSchema }),
]);

/** One statement, executed again and again over one connection of a fresh process. */
export const queryWorkloadSchema = z
  .strictObject({
    ...commonFields,
    kind: z.literal('query'),
    database: databaseSchema,
    sql: z.string().min(1).optional().describe('one statement'),
    file: projectPathSchema.optional().describe('a file with one statement, instead of "sql"'),
    params: z
      .array(z.array(z.unknown()))
      .min(1)
      .optional()
      .describe('parameter sets; executions cycle through them'),
    env: environmentSchema.optional(),
    analyze: z
      .boolean()
      .optional()
      .describe('true: planning and execution time, rows and buffers by EXPLAIN ANALYZE, beside the timing'),
    writes: z.boolean().optional().describe('true: the statement may write; it is always rolled back'),
    timeout_s: z.number().positive().max(600).optional().describe('of one statement; default 30'),
  })
  .refine(
    (query) => (query.sql === undefined) !== (query.file === undefined),
    'give exactly one of "sql" and "file"',
  )
  .refine(
    (query) => query.analyze !== true || query.database.engine === 'postgres',
    '"analyze" is for postgres: SQLite has no EXPLAIN ANALYZE',
  );
export type QueryWorkload = z.infer<typeof queryWorkloadSchema>;
