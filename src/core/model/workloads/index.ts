import { z } from 'zod';
import { commandWorkloadSchema } from './command.ts';
import { functionWorkloadSchema } from './function.ts';
import { httpWorkloadSchema } from './http.ts';
import { queryWorkloadSchema } from './query.ts';

/** The four kinds; how each is measured stands in loop/kinds. */
export const workloadSchema = z.discriminatedUnion('kind', [
  httpWorkloadSchema,
  functionWorkloadSchema,
  commandWorkloadSchema,
  queryWorkloadSchema,
]);
export type Workload = z.infer<typeof workloadSchema>;
