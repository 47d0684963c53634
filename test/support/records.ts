import type { Bottleneck, Evidence } from '../../src/core/model/evidence.ts';
import type { Experiment } from '../../src/core/model/experiment.ts';
import type { Baseline, Fingerprint, Sample, Snapshot } from '../../src/core/model/measurement.ts';
import type { Run } from '../../src/core/model/run.ts';

/** Records with every field filled, for tests that store or show them. */
const AT = '2026-11-22T10:00:00.000Z';

export const machine: Fingerprint = {
  id: 'machine_1',
  cpu_model: 'Test CPU',
  cores: 2,
  memory_bytes: 8 * 2 ** 30,
  platform: 'linux x64',
  kernel: '6.1',
  node: '20.20.2',
};

export const snapshot: Snapshot = {
  id: 'snap_0123456789ab',
  tree: '0123456789ab0123456789ab0123456789ab0123',
  files: 3,
  created_at: AT,
};

export function aRun(change: Partial<Run> = {}): Run {
  return {
    id: 'run_1',
    kind: 'baseline',
    tool: 'measure_baseline',
    workload: 'list-posts',
    key: 'measure_baseline:list-posts',
    state: 'running',
    progress: { fraction: 0.25, message: 'block 2 of 8', eta_s: 12 },
    owner: { pid: 4711, started_at: AT },
    result: null,
    error: null,
    created_at: AT,
    ended_at: null,
    ...change,
  };
}

export function aSample(block: number, side: 'a' | 'b' = 'a'): Sample {
  return {
    side,
    block,
    position: 0,
    metrics: { latency_p95_ms: 41.5 + block / 7, throughput_rps: 512.25, error_rate: 0 },
    operations: { counted: 4000, timed: 1200, failed: 0 },
    conditions: {
      foreign_cpu_share: 0.01,
      steal_share: 0,
      generator: { cpu_share: 0.3, lateness_p99_ms: 0.4 },
      target_cpu_share: 0.99,
    },
    flags: [],
    latency_histogram: '',
    started_at: AT,
  };
}

export function aBaseline(change: Partial<Baseline> = {}): Baseline {
  return {
    id: 'base_1',
    run_id: 'run_1',
    workload: 'list-posts',
    workload_hash: 'w1',
    goals_hash: 'g1',
    snapshot,
    machine,
    effort: 'quick',
    seed: 42,
    load: { kind: 'http', connections: 16, rate_per_s: 120, rate_from: 'calibrated' },
    samples: 2,
    pooled_latency: { requests: 1600, p50_ms: 5, p90_ms: 8, p95_ms: 9, p99_ms: 14, p999_ms: 19, max_ms: 21 },
    estimates: {
      latency_p95_ms: {
        value: 41.5,
        interval: [40.25, 43.75],
        n: 8,
        confidence: 0.97,
        resolvable_effect: 0.05,
      },
    },
    objectives: [
      {
        workload: 'list-posts',
        metric: 'latency_p95_ms',
        target: 250,
        bound: 'max',
        status: 'met',
        value: 41.5,
        interval: [40.25, 43.75],
        n: 8,
      },
    ],
    self_check: {
      status: 'passed',
      metric: 'throughput_rps',
      blocks: 8,
      interval: [-0.01, 0.012],
      text: 'A against A: no bias',
    },
    foreign_cpu_share: { median: 0.01, max: 0.05 },
    block_seconds: 4,
    warnings: [{ code: 'noisy', message: 'noise', fix: 'close programs' }],
    created_at: AT,
    ...change,
  };
}

export function anExperiment(change: Partial<Experiment> = {}): Experiment {
  return {
    id: 'exp_1',
    run_id: 'run_2',
    baseline_id: 'base_1',
    workload: 'list-posts',
    hypothesis: 'the regular expression is compiled per row',
    strategy_id: 'bn_1--hoist',
    bottleneck_id: 'bn_1',
    against: null,
    baseline_snapshot: snapshot,
    candidate_snapshot: { ...snapshot, id: 'snap_ba9876543210' },
    changed_files: [{ path: 'src/posts.mjs', added: 2, removed: 1 }],
    diff_artifact_id: 'art_1',
    machine,
    effort: 'standard',
    seed: 43,
    load: { kind: 'http', connections: 16, rate_per_s: 120, rate_from: 'workload' },
    attempt: 1,
    attempt_of_baseline: 1,
    alpha: 0.05,
    tests: { status: 'passed', command: ['npm', 'test'], exit_code: 0, output_tail: 'ok' },
    behaviour: { status: 'equal', compared: 12, masked: ['page: body $.at'], differing: 0, differences: [] },
    verdict: 'improved',
    reason: 'p95 is 18 % lower',
    comparisons: [
      {
        metric: 'latency_p95_ms',
        role: 'primary',
        verdict: 'improved',
        scale: 'ratio',
        change: -0.18,
        interval: [-0.21, -0.15],
        confidence: 0.97,
        n: 11,
        baseline: 41.5,
        candidate: 34,
        minimum_effect: 0.05,
        real_but_small: false,
        blocks_to_resolve: null,
      },
    ],
    objectives: [],
    blocks: 11,
    dropped_blocks: 0,
    block_seconds: 4,
    failure: null,
    confirmation: null,
    mechanism: null,
    state_on_disk: null,
    prediction: null,
    review_flags: [],
    looks: [8, 11],
    warnings: [],
    decision: null,
    created_at: AT,
    ...change,
  };
}

export function aBottleneck(change: Partial<Bottleneck> = {}): Bottleneck {
  return {
    id: 'bn_1',
    run_id: 'run_3',
    baseline_id: 'base_1',
    workload: 'list-posts',
    rank: 1,
    kind: 'hot-function',
    title: 'renderPost takes 43 % of CPU',
    layer: 'algorithm',
    location: { function: 'renderPost', file: 'src/posts.mjs', line: 12 },
    share: { value: 0.43, interval: [0.41, 0.45], of: 'busy CPU samples of the target', n: 4000 },
    self_share: 0.4,
    ceilings: [{ metric: 'cpu_us_per_request', gain: 0.43, interval: [0.41, 0.45], assumes: 'it vanishes' }],
    confidence: { level: 'high', reason: '4,000 samples' },
    signals: ['RegExp'],
    detail: 'line 12',
    evidence_ids: ['ev_1'],
    confirm: 'validate a change of renderPost',
    created_at: AT,
    ...change,
  };
}

export function anEvidence(change: Partial<Evidence> = {}): Evidence {
  return {
    id: 'ev_1',
    kind: 'cpu-profile',
    run_id: 'run_3',
    baseline_id: 'base_1',
    workload: 'list-posts',
    title: 'CPU profile',
    artifact_ids: ['art_1'],
    pictures: ['art_2'],
    source_root: '.',
    snapshot,
    created_at: AT,
    ...change,
  };
}
