/**
 * The catalogue of metrics. A metric's name carries its unit, so a number under that name is always in that
 * unit; which direction is better, how it is compared and what change is worth talking about live here, so that
 * no code branches on a metric's name.
 */
export interface Metric {
  readonly title: string;
  readonly unit: Unit;
  readonly better: 'lower' | 'higher';
  /**
   * How two sides are compared: `ratio` on logarithms (everything positive), `difference` on the plain values
   * (shares and counts that may be zero).
   */
  readonly scale: 'ratio' | 'difference';
  /**
   * Minimum effect of interest (delta). A ratio such as 0.05 for `ratio` metrics; in the metric's own unit for
   * `difference` metrics. Source: notes on statistics, section 4 (5 % wall and latency, 3 % CPU).
   */
  readonly minimumEffect: number;
  /** Of the open loop: it depends on the rate that arrives. */
  readonly ofOpenLoop?: true;
  /** Says how fast the workload is: such a metric decides a verdict where the goals mark none. */
  readonly isSpeed?: true;
  /** CPU time of one operation: µs in one of its unit. */
  readonly cpuUs?: number;
  /** What the metric needs before its estimate means anything, e.g. requests beyond a tail percentile. */
  readonly tailShare?: number;
}

export type Unit = 'ms' | 'us' | 'bytes' | 'per_second' | 'ratio' | 'percent_of_time' | 'count' | 'money';

export const METRICS = {
  latency_p50_ms: {
    title: 'latency p50',
    unit: 'ms',
    better: 'lower',
    scale: 'ratio',
    minimumEffect: 0.05,
    ofOpenLoop: true,
    isSpeed: true,
  },
  latency_p90_ms: {
    title: 'latency p90',
    unit: 'ms',
    better: 'lower',
    scale: 'ratio',
    minimumEffect: 0.05,
    ofOpenLoop: true,
    isSpeed: true,
    tailShare: 0.1,
  },
  latency_p95_ms: {
    title: 'latency p95',
    unit: 'ms',
    better: 'lower',
    scale: 'ratio',
    minimumEffect: 0.05,
    ofOpenLoop: true,
    isSpeed: true,
    tailShare: 0.05,
  },
  latency_p99_ms: {
    title: 'latency p99',
    unit: 'ms',
    better: 'lower',
    scale: 'ratio',
    minimumEffect: 0.05,
    ofOpenLoop: true,
    isSpeed: true,
    tailShare: 0.01,
  },
  latency_p999_ms: {
    title: 'latency p99.9',
    unit: 'ms',
    better: 'lower',
    scale: 'ratio',
    minimumEffect: 0.25,
    ofOpenLoop: true,
    isSpeed: true,
    tailShare: 0.001,
  },
  throughput_rps: {
    title: 'throughput',
    unit: 'per_second',
    better: 'higher',
    scale: 'ratio',
    minimumEffect: 0.05,
    isSpeed: true,
  },
  error_rate: {
    title: 'error rate',
    unit: 'ratio',
    better: 'lower',
    scale: 'difference',
    minimumEffect: 0.001,
    ofOpenLoop: true,
  },
  cpu_us_per_request: {
    title: 'CPU per request',
    unit: 'us',
    better: 'lower',
    scale: 'ratio',
    minimumEffect: 0.03,
    cpuUs: 1,
  },
  rss_peak_bytes: { title: 'peak RSS', unit: 'bytes', better: 'lower', scale: 'ratio', minimumEffect: 0.05 },
  event_loop_delay_p99_ms: {
    title: 'event-loop delay p99',
    unit: 'ms',
    better: 'lower',
    scale: 'difference',
    minimumEffect: 5,
  },
  gc_share: {
    title: 'GC share of time',
    unit: 'ratio',
    better: 'lower',
    scale: 'difference',
    minimumEffect: 0.02,
  },
  wall_ms: {
    title: 'wall time',
    unit: 'ms',
    better: 'lower',
    scale: 'ratio',
    minimumEffect: 0.05,
    isSpeed: true,
  },
  wall_low_ms: {
    title: 'wall time, low quantile',
    unit: 'ms',
    better: 'lower',
    scale: 'ratio',
    minimumEffect: 0.03,
    isSpeed: true,
  },
  cpu_ms: {
    title: 'CPU time',
    unit: 'ms',
    better: 'lower',
    scale: 'ratio',
    minimumEffect: 0.03,
    isSpeed: true,
    cpuUs: 1000,
  },
  instructions: {
    title: 'instructions',
    unit: 'count',
    better: 'lower',
    scale: 'ratio',
    // Runs of one program are 0.03 % apart (hash seeds, addresses): a hundredth is far above that.
    minimumEffect: 0.01,
  },
  planning_ms: { title: 'planning time', unit: 'ms', better: 'lower', scale: 'ratio', minimumEffect: 0.1 },
  execution_ms: {
    title: 'execution time',
    unit: 'ms',
    better: 'lower',
    scale: 'ratio',
    minimumEffect: 0.05,
    isSpeed: true,
  },
  result_rows: {
    title: 'rows returned',
    unit: 'count',
    better: 'lower',
    scale: 'difference',
    minimumEffect: 1,
  },
  buffers_read: {
    title: 'buffers touched',
    unit: 'count',
    better: 'lower',
    scale: 'difference',
    minimumEffect: 1,
  },
  context_switches: {
    title: 'context switches',
    unit: 'count',
    better: 'lower',
    scale: 'ratio',
    minimumEffect: 0.1,
  },
  allocated_bytes_per_op: {
    title: 'allocation per operation',
    unit: 'bytes',
    better: 'lower',
    scale: 'ratio',
    minimumEffect: 0.03,
  },
  queries_per_op: {
    title: 'queries per operation',
    unit: 'count',
    better: 'lower',
    scale: 'difference',
    minimumEffect: 0.5,
  },
  outbound_calls_per_op: {
    title: 'outbound calls per operation',
    unit: 'count',
    better: 'lower',
    scale: 'difference',
    minimumEffect: 0.5,
  },
  bytes_per_op: {
    title: 'bytes per operation',
    unit: 'bytes',
    better: 'lower',
    scale: 'ratio',
    minimumEffect: 0.03,
  },
  cost_per_million_ops: {
    title: 'cost of a million operations',
    unit: 'money',
    better: 'lower',
    scale: 'ratio',
    minimumEffect: 0.03,
  },
  bundle_bytes: {
    title: 'bundle size',
    unit: 'bytes',
    better: 'lower',
    scale: 'ratio',
    // Builds of one code are equal but for hashes and times in them.
    minimumEffect: 0.01,
  },
  startup_ms: { title: 'start-up time', unit: 'ms', better: 'lower', scale: 'ratio', minimumEffect: 0.1 },
} as const satisfies Record<string, Metric>;

export type MetricName = keyof typeof METRICS;

export const METRIC_NAMES = Object.keys(METRICS) as readonly MetricName[] as [MetricName, ...MetricName[]];

export function metric(name: MetricName): Metric {
  return METRICS[name];
}

/** Which percentile of latency it is, as a share of the requests, [0.5, 1); undefined: it is no latency. */
export function percentileOf(name: MetricName): number | undefined {
  const { ofOpenLoop, isSpeed, tailShare }: Metric = METRICS[name];
  return ofOpenLoop === true && isSpeed === true ? 1 - (tailShare ?? 0.5) : undefined;
}
