import { z } from 'zod';
import { snapshotSchema } from './measurement.ts';

/** A file too heavy for an answer: a profile, a flamegraph, a histogram, a diff. */
export const artifactSchema = z.object({
  id: z.string(),
  run_id: z.string(),
  kind: z.enum([
    'cpu-profile',
    'trace',
    'memory',
    'database',
    'timeline-svg',
    'flamegraph-html',
    'flamegraph-svg',
    'flamegraph-png',
    'plot-svg',
    'plot-png',
    'sweep',
    'histogram',
    'diff',
    'log',
  ]),
  title: z.string(),
  mime_type: z.string(),
  file: z.string().describe('name below .deep-optimize/artifacts'),
  bytes: z.int(),
  created_at: z.string(),
});
export type Artifact = z.infer<typeof artifactSchema>;

/** Evidence: one capture that findings point to and a person can drill into. */
export const evidenceSchema = z.object({
  id: z.string(),
  kind: z.enum(['cpu-profile', 'trace', 'memory', 'database']),
  run_id: z.string(),
  baseline_id: z.string().nullable(),
  workload: z.string(),
  title: z.string(),
  /** One profile a thread, the busiest first, as the producer wrote it; pictures of it are listed beside. */
  artifact_ids: z.array(z.string()),
  pictures: z.array(z.string()),
  /** Where files of the profile lie now: the checkout it ran in is gone by the time somebody looks. */
  source_root: z.string(),
  snapshot: snapshotSchema,
  created_at: z.string(),
});
export type Evidence = z.infer<typeof evidenceSchema>;

export const intervalSchema = z.tuple([z.number(), z.number()]);

export const LAYERS = ['algorithm', 'data-access', 'architecture', 'infrastructure'] as const;
export const layerSchema = z.enum(LAYERS);
export type Layer = z.infer<typeof layerSchema>;

export const locationSchema = z.object({
  function: z.string().optional(),
  file: z.string().optional().describe('relative to the project, or the package path'),
  line: z.int().optional().describe('1-based'),
  package: z
    .string()
    .optional()
    .describe('npm package, "node" for built-in modules; absent for the project\'s own code'),
  statement: z.string().optional().describe('normalized text'),
  fingerprint: z.string().optional().describe('of the statement'),
  url: z.string().optional().describe('template of an outbound call'),
  lock: z.string().optional().describe('what is waited for, e.g. "transactionid on orders"'),
});
export type Location = z.infer<typeof locationSchema>;

/** The most that a metric could gain if the bottleneck vanished (Amdahl), as a ratio of today's value. */
export const ceilingSchema = z.object({
  metric: z.string(),
  gain: z.number().describe('0.3 = 30 % better at most'),
  interval: intervalSchema,
  assumes: z.string(),
});
export type Ceiling = z.infer<typeof ceilingSchema>;

/** A finding: what costs, where, how much of what, how sure. */
export const bottleneckSchema = z.object({
  id: z.string(),
  run_id: z.string(),
  baseline_id: z.string().nullable(),
  workload: z.string(),
  rank: z.int(),
  kind: z.string().describe('the detector that named it, e.g. hot-function'),
  title: z.string(),
  layer: layerSchema.describe('where its first remedy is usually found'),
  location: locationSchema,
  share: z.object({
    value: z.number(),
    interval: intervalSchema,
    of: z.string().describe('what it is a share of, e.g. "busy CPU samples of the target"'),
    n: z.number().describe('samples that the share rests on'),
  }),
  self_share: z.number().optional(),
  ceilings: z.array(ceilingSchema),
  confidence: z.object({ level: z.enum(['high', 'medium', 'low']), reason: z.string() }),
  /** What the detector saw besides shares, e.g. hot lines or built-ins called; strategies match on it. */
  signals: z.array(z.string()),
  detail: z.string().optional(),
  evidence_ids: z.array(z.string()),
  confirm: z.string().describe('what would confirm or refute it'),
  created_at: z.string(),
});
export type Bottleneck = z.infer<typeof bottleneckSchema>;
