import { z } from 'zod';
import { ceilingSchema, layerSchema } from './evidence.ts';

export const gradeSchema = z.enum(['low', 'medium', 'high']);

export const strategySchema = z.object({
  id: z.string().describe('bottleneck id, "--" and the catalogue key: stable, so it can be named later'),
  key: z.string(),
  bottleneck_id: z.string(),
  title: z.string(),
  layer: layerSchema,
  why: z.string().describe('which evidence makes it fit here'),
  how: z.string(),
  trade_offs: z.object({
    complexity: gradeSchema,
    correctness_risk: gradeSchema,
    operational_risk: gradeSchema,
    notes: z.string(),
  }),
  ceiling: ceilingSchema.nullable(),
  conflicts: z.array(z.object({ constraint: z.string(), reason: z.string() })),
  tried: z.array(
    z.object({ experiment_id: z.string(), verdict: z.string(), decision: z.string().nullable() }),
  ),
  validation: z.string().describe('how validate_change will show whether it worked'),
  score: z.number().describe('for ranking only'),
});
export type Strategy = z.infer<typeof strategySchema>;
