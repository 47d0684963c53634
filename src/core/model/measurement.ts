import { z } from 'zod';
import { METRIC_NAMES } from './metrics.ts';
import { warningSchema } from './warning.ts';

/** Snapshot: the exact code state, named by its git tree, of tracked and untracked files that are not ignored. */
export const snapshotSchema = z.object({
  id: z.string().describe('snap_ and the first 12 hex digits of the tree'),
  tree: z.string(),
  files: z.int(),
  /** What the user's own repository said, when there is one: for people, never used to decide. */
  head: z.object({ commit: z.string(), branch: z.string().optional(), dirty: z.boolean() }).optional(),
  created_at: z.string(),
});
export type Snapshot = z.infer<typeof snapshotSchema>;

export const fingerprintSchema = z.object({
  id: z
    .string()
    .describe('hash of what makes numbers comparable: CPU model, cores, memory, limits, OS, Node.js'),
  cpu_model: z.string(),
  cores: z.int(),
  memory_bytes: z.number(),
  platform: z.string(),
  kernel: z.string(),
  node: z.string(),
  limits: z
    .object({
      cores: z.int().optional().describe('that may be used at all'),
      cpu_quota: z.number().optional().describe("cores' worth of CPU time; beyond it processes are stopped"),
      memory_bytes: z.number().optional(),
    })
    .optional()
    .describe('what a container or cgroup leaves of it; absent when that is everything'),
  governor: z.string().optional().describe('of the CPU frequency, where the platform tells'),
});
export type Fingerprint = z.infer<typeof fingerprintSchema>;

export const effortSchema = z.enum(['quick', 'standard', 'thorough']);
export type Effort = z.infer<typeof effortSchema>;

export const metricNameSchema = z.enum(METRIC_NAMES);
export const metricValuesSchema = z.partialRecord(metricNameSchema, z.number());
export type MetricValues = z.infer<typeof metricValuesSchema>;

/** What one fresh process gave: one number per metric. The unit of every statistic (never a request). */
export const sampleSchema = z.object({
  side: z.enum(['a', 'b']),
  block: z.int().describe('0-based'),
  position: z.union([z.literal(0), z.literal(1)]).describe('which of the two came first in its block'),
  metrics: metricValuesSchema,
  /** Operations (requests, calls, runs, executions) behind the metrics. */
  operations: z.object({
    counted: z.int().describe('behind throughput, CPU and counts'),
    timed: z.int().describe('behind the percentiles, so that one can be judged by the number beyond it'),
    failed: z.int(),
    worst_failure: z.string().optional().describe('the most frequent one: which request, and why'),
    journeys: z.object({ completed: z.int(), failed: z.int() }).optional().describe('both loops together'),
  }),
  conditions: z.object({
    foreign_cpu_share: z.number().describe('of all cores, used by processes that are not ours'),
    steal_share: z.number(),
    target_cpu_share: z
      .number()
      .nullable()
      .describe('of one core, while operations were counted; null where the process is not ours'),
    /** Where load comes from another process of ours. */
    generator: z
      .object({
        cpu_share: z.number().describe('of one core'),
        lateness_p99_ms: z.number().describe('how late the open-loop generator sent'),
        ceiling_rps: z
          .number()
          .optional()
          .describe(
            'the most that the closed loop reaches here against a server that does nothing; measured where it may matter',
          ),
      })
      .optional(),
    stalls: z
      .object({
        longest_ms: z.number().describe('nothing was answered although requests waited, open loop'),
        closed_p99_ms: z.number().describe('p99 of the closed loop, which hides them'),
      })
      .optional(),
  }),
  flags: z.array(z.string()),
  /** Open-loop latencies of this process: HdrHistogram V2 in µs, compressed, base64. */
  latency_histogram: z.string().optional(),
  started_at: z.string(),
});
export type Sample = z.infer<typeof sampleSchema>;

/** An estimate over n samples: median with a distribution-free interval from order statistics; null when n is too small for one. */
export const estimateSchema = z.object({
  value: z.number(),
  interval: z.tuple([z.number(), z.number()]).nullable(),
  n: z.int(),
  /** Confidence that the order statistics really reach, e.g. 0.97; null without interval. */
  confidence: z.number().nullable(),
  /** Smallest change (ratio or own unit) that a validation of this effort would resolve; null when it can't be said. */
  resolvable_effect: z.number().nullable(),
});
export type Estimate = z.infer<typeof estimateSchema>;

export const estimatesSchema = z.partialRecord(metricNameSchema, estimateSchema);
export type Estimates = z.infer<typeof estimatesSchema>;

export const objectiveStatusSchema = z.object({
  /** Its name, where the limit is one. */
  constraint: z.string().optional(),
  workload: z.string(),
  metric: metricNameSchema,
  target: z.number(),
  bound: z.enum(['max', 'min']),
  status: z.enum(['met', 'missed', 'too_close_to_call', 'not_measured']),
  value: z.number().nullable(),
  interval: z.tuple([z.number(), z.number()]).nullable(),
  n: z.int(),
});
export type ObjectiveStatus = z.infer<typeof objectiveStatusSchema>;

export const httpLoadSchema = z.object({
  kind: z.literal('http'),
  connections: z.int(),
  rate_per_s: z.number().describe('requests, or journeys begun'),
  requests_per_arrival: z.number().optional().describe('of journeys, on the average'),
  rate_from: z.enum(['workload', 'calibrated']),
});
export const functionLoadSchema = z.object({
  kind: z.literal('function'),
  calls_per_timing: z
    .int()
    .describe("calls timed together, so that one timing is far above the clock's grain"),
  size: z.number().optional(),
});
export const commandLoadSchema = z.object({
  kind: z.literal('command'),
  runs: z.int().describe('combinations of the parameters, each run once in a sample'),
  start_overhead_ms: z
    .number()
    .optional()
    .describe('what starting a program that does nothing takes, for all runs of a sample; part of wall_ms'),
});
export const queryLoadSchema = z.object({
  kind: z.literal('query'),
  executions: z.int().describe('timed executions of the statement in one process'),
});

/** The load a baseline was measured under: a comparison uses the same, whatever the candidate's capacity is. */
export const appliedLoadSchema = z.discriminatedUnion('kind', [
  httpLoadSchema,
  functionLoadSchema,
  commandLoadSchema,
  queryLoadSchema,
]);
export type AppliedLoad = z.infer<typeof appliedLoadSchema>;
export type LoadOf<Kind extends AppliedLoad['kind']> = Extract<AppliedLoad, { readonly kind: Kind }>;

export const selfCheckSchema = z.object({
  status: z.enum(['passed', 'failed', 'too_few_blocks']),
  metric: metricNameSchema,
  blocks: z.int(),
  /** 99 % interval of A against its own copy: a harness without bias includes 0. Ratio, or own unit. */
  interval: z.tuple([z.number(), z.number()]).nullable(),
  text: z.string(),
});
export type SelfCheck = z.infer<typeof selfCheckSchema>;

/**
 * All open-loop requests of all processes as one distribution, for the far tail that a single process cannot show. Requests of
 * one process are not independent, so there is no interval.
 */
export const pooledLatencySchema = z.object({
  requests: z.int(),
  p50_ms: z.number(),
  p90_ms: z.number(),
  p95_ms: z.number(),
  p99_ms: z.number(),
  p999_ms: z.number(),
  max_ms: z.number(),
});
export type PooledLatency = z.infer<typeof pooledLatencySchema>;

export const baselineSchema = z.object({
  id: z.string(),
  run_id: z.string(),
  workload: z.string(),
  workload_hash: z.string().describe('of the workload as measured; a change voids later comparisons'),
  goals_hash: z.string(),
  snapshot: snapshotSchema,
  machine: fingerprintSchema,
  effort: effortSchema,
  seed: z.int(),
  load: appliedLoadSchema,
  samples: z.int(),
  estimates: estimatesSchema,
  pooled_latency: pooledLatencySchema.optional(),
  objectives: z.array(objectiveStatusSchema),
  self_check: selfCheckSchema,
  foreign_cpu_share: z.object({ median: z.number(), max: z.number() }),
  block_seconds: z.number().describe('what one block costs, for the price of resolving'),
  warnings: z.array(warningSchema),
  created_at: z.string(),
});
export type Baseline = z.infer<typeof baselineSchema>;
