import { z } from 'zod';
import { reviewFlagSchema } from '../integrity/review-flag.ts';
import { intervalSchema } from './evidence.ts';
import {
  appliedLoadSchema,
  effortSchema,
  fingerprintSchema,
  metricNameSchema,
  objectiveStatusSchema,
  snapshotSchema,
} from './measurement.ts';
import { warningSchema } from './warning.ts';

export const verdictSchema = z.enum(['improved', 'regressed', 'equivalent', 'inconclusive', 'invalid']);
export type Verdict = z.infer<typeof verdictSchema>;

/** One metric compared over paired blocks. `change` is candidate against baseline: -0.18 = 18 % less (ratio) or own unit (difference). */
export const comparisonSchema = z.object({
  metric: metricNameSchema,
  role: z.enum(['primary', 'guardrail', 'reported']),
  verdict: z.enum(['improved', 'regressed', 'equivalent', 'inconclusive']),
  scale: z.enum(['ratio', 'difference']),
  change: z.number().nullable(),
  interval: intervalSchema.nullable(),
  confidence: z.number().nullable(),
  n: z.int().describe('paired blocks'),
  baseline: z.number().nullable().describe('median'),
  candidate: z.number().nullable().describe('median'),
  minimum_effect: z.number(),
  /** True when the change is real (interval excludes 0) but below the minimum effect. */
  real_but_small: z.boolean(),
  /** Blocks still needed to resolve the minimum effect; null when decided or unknown. */
  blocks_to_resolve: z.int().nullable(),
});
export type Comparison = z.infer<typeof comparisonSchema>;

export const testResultSchema = z.object({
  status: z.enum(['passed', 'failed', 'not_configured', 'timed_out', 'failed_before_too', 'not_run']),
  command: z.array(z.string()).optional(),
  exit_code: z.int().nullable().optional(),
  output_tail: z.string().optional(),
});
export type TestResult = z.infer<typeof testResultSchema>;

/** Whether the candidate does what the baseline does. Texts are of the measured program. */
export const behaviourResultSchema = z.object({
  status: z.enum(['equal', 'changed', 'not_checked']),
  compared: z.int().describe('inputs whose answers were compared'),
  masked: z.array(z.string()).describe('what differs between runs of the baseline, and was not compared'),
  differing: z.int().describe('how many differences there are'),
  differences: z.array(
    z.object({
      of: z.string(),
      where: z.string(),
      baseline: z.string(),
      candidate: z.string(),
      apart: z.number().nullable().describe('of two numbers, as a share of the larger one'),
    }),
  ),
});
export type BehaviourResult = z.infer<typeof behaviourResultSchema>;

export const BEHAVIOUR_NOT_CHECKED: BehaviourResult = {
  status: 'not_checked',
  compared: 0,
  masked: [],
  differing: 0,
  differences: [],
};

/** Why nothing could be judged: a program that did not build or run, or a machine that could not go on. */
export const experimentFailureSchema = z.object({
  side: z.enum(['baseline', 'candidate', 'machine']),
  code: z.string(),
  message: z.string(),
  fix: z.string(),
  output_tail: z.string().optional(),
});
export type ExperimentFailure = z.infer<typeof experimentFailureSchema>;

/** What the candidate was compared with, where that is not the baseline's own code. */
export const againstSchema = z.object({
  kind: z.enum(['experiment', 'ref']),
  name: z.string(),
});

const blamedSideSchema = z.object({
  value: z.number(),
  interval: intervalSchema,
  n: z.number().describe('samples that it rests on'),
  /** What it takes of the CPU time of one operation; null where that was not measured. */
  cpu_us_per_operation: z.number().nullable(),
});

/** Whether the cost that the experiment set out to remove is smaller now, seen in evidence and not in the timing. */
export const mechanismSchema = z.object({
  status: z.enum(['confirmed', 'partly', 'not_confirmed', 'not_checked']),
  reason: z.string(),
  blamed: z.string().describe('what was blamed, for people: a function, garbage collection'),
  of: z.string().describe('what the values are of, e.g. "busy CPU samples of the target"'),
  baseline: blamedSideSchema.nullable(),
  candidate: blamedSideSchema.nullable(),
  /** Candidate's cost of an operation over the baseline's. */
  ratio: z.number().nullable(),
  ratio_interval: intervalSchema.nullable(),
  /** Artifacts of the two captures. */
  profiles: z.object({ baseline: z.string().nullable(), candidate: z.string().nullable() }),
});
export type Mechanism = z.infer<typeof mechanismSchema>;

/** What the finding allowed at most against what came, as gains: 0.3 = 30 % better. */
export const predictionSchema = z.object({
  metric: metricNameSchema,
  ceiling: z.number(),
  ceiling_interval: intervalSchema,
  observed: z.number(),
  observed_interval: intervalSchema.nullable(),
});
export type Prediction = z.infer<typeof predictionSchema>;

/** Whether a gain is the program's, or that of files which earlier processes of it left. */
export const stateOnDiskSchema = z.object({
  metric: metricNameSchema,
  carries_gain: z.boolean(),
  left: z.array(z.string()).describe('what the candidate left, the first of them'),
  left_files: z.int(),
  /** Processes before which the checkouts were as setup had left them; none where nothing was left. */
  first: z.array(z.object({ baseline: z.number(), candidate: z.number() })),
  later: z.object({ baseline: z.number(), candidate: z.number() }).describe('medians of the blocks'),
});
export type StateOnDisk = z.infer<typeof stateOnDiskSchema>;

/** A second run, on new seeds, of a gain that was one of several tries against the same baseline. */
export const confirmationSchema = z.object({
  seed: z.int(),
  blocks: z.int(),
  first_block: z.int().describe('its samples are those of blocks from this number on'),
  agrees: z.boolean(),
  primary: comparisonSchema.nullable(),
});
export type Confirmation = z.infer<typeof confirmationSchema>;

export const decisionKindSchema = z.enum(['keep', 'revert', 'defer']);

export const experimentSchema = z.object({
  id: z.string(),
  run_id: z.string(),
  baseline_id: z.string(),
  workload: z.string(),
  hypothesis: z.string().nullable(),
  strategy_id: z.string().nullable(),
  bottleneck_id: z.string().nullable(),
  /** Then `baseline_snapshot` is that code state, and only load and goals are the baseline's. */
  against: againstSchema.nullable().default(null),
  baseline_snapshot: snapshotSchema,
  candidate_snapshot: snapshotSchema,
  changed_files: z.array(z.object({ path: z.string(), added: z.int(), removed: z.int() })),
  diff_artifact_id: z.string().nullable(),
  machine: fingerprintSchema,
  effort: effortSchema,
  seed: z.int(),
  load: appliedLoadSchema,
  /** Comparisons of these two code states, this one included; each may spend half the error of the one before. */
  attempt: z.int(),
  /** Comparisons of any candidate with this baseline, this one included. */
  attempt_of_baseline: z.int().default(1),
  alpha: z.number(),
  tests: testResultSchema,
  behaviour: behaviourResultSchema.default(BEHAVIOUR_NOT_CHECKED),
  verdict: verdictSchema,
  reason: z.string(),
  comparisons: z.array(comparisonSchema),
  objectives: z.array(z.object({ side: z.enum(['baseline', 'candidate']), status: objectiveStatusSchema })),
  blocks: z.int(),
  dropped_blocks: z.int(),
  /** Of one block, for the price of resolving; null when none was measured. */
  block_seconds: z.number().nullable().default(null),
  looks: z.array(z.int()),
  failure: experimentFailureSchema.nullable().default(null),
  /** Null where no fresh run was asked for. */
  confirmation: confirmationSchema.nullable().default(null),
  /** Null where the experiment names nothing that it blames, or nothing was timed. */
  mechanism: mechanismSchema.nullable().default(null),
  /** Null where there was no gain to ask about. */
  state_on_disk: stateOnDiskSchema.nullable().default(null),
  prediction: predictionSchema.nullable().default(null),
  review_flags: z.array(reviewFlagSchema).default([]),
  warnings: z.array(warningSchema),
  decision: z.object({ kind: decisionKindSchema, id: z.string() }).nullable(),
  created_at: z.string(),
});
export type Experiment = z.infer<typeof experimentSchema>;
