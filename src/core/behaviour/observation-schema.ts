import { z } from 'zod';
import type { Behaviour, Observation, Tree, Value } from './model.ts';

/** Read back from the processes that look at a program: theirs is the text, not the shape. */
const treeSchema: z.ZodType<Tree> = z.custom<Tree>((value) => value !== undefined);

const valueSchema: z.ZodType<Value> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('tree'), tree: treeSchema }),
  z.object({ kind: z.literal('text'), text: z.string() }),
  z.object({
    kind: z.literal('rows'),
    columns: z.array(z.string()),
    rows: z.array(z.array(treeSchema)),
    ordered: z.boolean(),
  }),
  z.object({ kind: z.literal('digest'), sha256: z.string(), bytes: z.number(), start: z.string() }),
]);

export const observationSchema: z.ZodType<Observation> = z.object({
  id: z.string(),
  group: z.string(),
  name: z.string(),
  facets: z.record(z.string(), valueSchema),
  main: z.array(z.string()),
});

export const behaviourSchema: z.ZodType<Behaviour> = z.object({
  observations: z.array(observationSchema),
  extent: z.int(),
});
