import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { sweepDimensionSchema } from '../../../src/core/model/sweep.ts';

const recordingSchema = z.object({
  over: sweepDimensionSchema,
  points: z.array(z.object({ value: z.number(), samples: z.array(z.number()) })),
});

/** Points of a sweep that was measured on a real machine (test/fixtures/sweeps/README.md). */
export function recordedSweep(name: string): z.infer<typeof recordingSchema> {
  const file = new URL(`../../fixtures/sweeps/${name}.json`, import.meta.url);
  return recordingSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
}
