import { z } from 'zod';
import { intervalSchema } from './evidence.ts';
import { estimatesSchema, metricNameSchema } from './measurement.ts';
import { warningSchema } from './warning.ts';

/** What a sweep varies. An environment variable has texts for values; only numbers can be fitted. */
export const sweepDimensionSchema = z.enum(['connections', 'rate_per_s', 'size', 'environment']);
export type SweepDimension = z.infer<typeof sweepDimensionSchema>;

export const sweepPointSchema = z.object({
  value: z.union([z.number(), z.string()]),
  /** One number for each metric over the processes that ran; empty when none did. */
  estimates: estimatesSchema,
  /** Why this point, or a part of its processes, gave no sample. */
  failed: z.string().optional(),
});
export type SweepPoint = z.infer<typeof sweepPointSchema>;

/** A fitted number with its 95 % bootstrap interval. */
export const coefficientSchema = z.object({ value: z.number(), interval: intervalSchema });
export type Coefficient = z.infer<typeof coefficientSchema>;

/** Why there is no fit, as data: the measured points stay what they are. */
export const noFitSchema = z.object({
  kind: z.literal('none'),
  reason: z.enum(['too_few_levels', 'too_narrow', 'not_positive', 'no_law']),
  text: z.string(),
});
export type NoFit = z.infer<typeof noFitSchema>;

export const peakSchema = z.discriminatedUnion('status', [
  z.object({
    status: z.literal('named'),
    concurrency: coefficientSchema,
    throughput: z.number().describe('of the curve at the peak'),
  }),
  /** The sweep did not go far enough beyond, so the fitted place would be a guess. */
  z.object({ status: z.literal('not_passed'), text: z.string() }),
  /** Without coherency cost the curve only flattens. */
  z.object({ status: z.literal('no_peak'), text: z.string() }),
]);
export type Peak = z.infer<typeof peakSchema>;

/** X(N) = rate_of_one N / (1 + contention (N - 1) + coherency N (N - 1)): Gunther's Universal Scalability Law. */
export const scalabilityFitSchema = z.object({
  kind: z.literal('universal-scalability-law'),
  /** λ: throughput at a concurrency of 1. */
  rate_of_one: coefficientSchema,
  /** σ, 0 to 1: share of the work that waits for its turn. */
  contention: coefficientSchema,
  /** κ: cost of keeping each pair in agreement, as a share of the work. */
  coherency: coefficientSchema,
  peak: peakSchema,
  /** Median distance of the levels from the curve, as a ratio. */
  misfit: z.number(),
  levels: z.int(),
  samples: z.int(),
  warnings: z.array(warningSchema),
});
export type ScalabilityFit = z.infer<typeof scalabilityFitSchema>;

/** From the simplest on. */
export const COMPLEXITY_CLASSES = ['1', 'log n', 'n', 'n log n', 'n^2', 'n^3'] as const;
export const complexityClassSchema = z.enum(COMPLEXITY_CLASSES);
export type ComplexityClass = z.infer<typeof complexityClassSchema>;

export const complexityCandidateSchema = z.object({
  class: complexityClassSchema,
  /** t(n) = fixed + per_unit f(n), both >= 0, in the unit of the times. */
  fixed: z.number(),
  per_unit: z.number(),
  /** Typical error of predicting a size from the others, as a ratio (from the mean absolute log error). */
  left_out_error: z.number(),
  /** Worse than the best candidate by more than the noise of the sizes explains. */
  ruled_out: z.boolean(),
});
export type ComplexityCandidate = z.infer<typeof complexityCandidateSchema>;

export const complexityFitSchema = z.object({
  kind: z.literal('complexity'),
  class: complexityClassSchema,
  /** How to say it: "O(n²)", or "≈ linear" where n and n log n cannot be told apart. */
  label: z.string(),
  /** Whether the data settle the class, or only its neighbourhood. */
  settled: z.boolean(),
  why: z.string(),
  candidates: z.array(complexityCandidateSchema),
  /** Theil-Sen slope of log time over log size in the upper half: a check, not the judge. */
  slope: z.number(),
  /** How well the times of the sizes are known: relative standard error; null with fewer than three samples each. */
  noise: z.number().nullable(),
  sizes: z.int(),
  warnings: z.array(warningSchema),
});
export type ComplexityFit = z.infer<typeof complexityFitSchema>;

export const sweepFitSchema = z.discriminatedUnion('kind', [
  scalabilityFitSchema,
  complexityFitSchema,
  noFitSchema,
]);
export type SweepFit = z.infer<typeof sweepFitSchema>;

/** The highest rate whose objectives hold, as a bracket: true capacity lies between `holds` and `fails`. */
export const kneeSchema = z.object({
  status: z.enum(['found', 'above_maximum', 'below_minimum', 'out_of_steps']),
  /** Highest rate at which all objectives held; null when none did. */
  holds: z.number().nullable(),
  /** Lowest rate above it at which one failed; null when none did. */
  fails: z.number().nullable(),
  /** Rates between the two that stayed too close to call. */
  undecided: z.array(z.number()),
  /** Whether both ends were tried again with the same outcome. */
  confirmed: z.boolean(),
  trials: z.int(),
  text: z.string(),
});
export type Knee = z.infer<typeof kneeSchema>;

export const sweepSchema = z.object({
  over: sweepDimensionSchema,
  /** Name of the environment variable, where one is swept. */
  variable: z.string().optional(),
  /** Of the points and of the fit. */
  metric: metricNameSchema,
  points: z.array(sweepPointSchema),
  fit: sweepFitSchema,
  knee: kneeSchema.nullable().describe('null without a search for saturation'),
  plots: z.array(z.string()).describe('ids of artifacts'),
  warnings: z.array(warningSchema),
});
export type Sweep = z.infer<typeof sweepSchema>;

/** A sweep as the run that made it keeps it, with the code that it was measured on. */
export const keptSweepSchema = z.object({ snapshot_id: z.string(), sweep: sweepSchema });
