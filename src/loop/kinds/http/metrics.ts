import type { MetricValues } from '../../../core/model/measurement.ts';
import { METRICS } from '../../../core/model/metrics.ts';
import type { LoadResult } from '../../../core/ports/load.ts';
import type { RuntimeWindow, Target } from '../../../core/ports/target.ts';
import type { Observation } from './observe.ts';

/** Throughput and CPU from the closed loop, latency from the open one. */
export function metricsOf(
  target: Target | null,
  closed: Observation,
  open: Observation,
  rssPeak: number | null,
): MetricValues {
  const { latency } = open.load;
  const good = closed.load.answered - closed.load.failed;
  const attempted = closed.load.answered + open.load.answered;
  const values: MetricValues = {
    throughput_rps: (good / closed.load.durationMs) * 1000,
    error_rate:
      attempted === 0 ? 1 : (closed.load.failed + open.load.failed) / (attempted + notAnswered(open.load)),
  };
  if (rssPeak !== null) values.rss_peak_bytes = rssPeak;
  if (target !== null) values.startup_ms = target.startupMs;
  if (closed.load.answered > 0 && closed.targetCpuUs !== null)
    values.cpu_us_per_request = closed.targetCpuUs / closed.load.answered;
  const percentiles = {
    latency_p50_ms: latency.p50Ms,
    latency_p90_ms: latency.p90Ms,
    latency_p95_ms: latency.p95Ms,
    latency_p99_ms: latency.p99Ms,
    latency_p999_ms: latency.p999Ms,
  };
  for (const [name, value] of Object.entries(percentiles) as [keyof typeof percentiles, number][]) {
    const info = METRICS[name];
    // A percentile with no request beyond it is the maximum under another name.
    const beyond = latency.count * ('tailShare' in info ? info.tailShare : 0.5);
    if (beyond >= 1) values[name] = value;
  }
  const delays = open.windows.flatMap((window) =>
    window.eventLoopDelay ? [window.eventLoopDelay.p99Ms] : [],
  );
  if (delays.length > 0) values.event_loop_delay_p99_ms = Math.max(...delays);
  Object.assign(values, countsPerRequest(closed));
  const gc = closed.windows.map(gcShare);
  if (gc.length > 0) values.gc_share = Math.max(...gc);
  return values;
}

/** How much the probes' count of requests may differ from the generator's: their windows open some ms apart. */
const SAME_REQUESTS = 0.25;

/**
 * Counts that noise cannot touch, of all threads together. A probe's window is some ms shorter than the generator's, so
 * they are divided by the requests that the probes saw; where those are others (a proxy in front, a server that is not
 * node:http) by the generator's, in proportion to the windows.
 */
function countsPerRequest({ load, windows }: Observation): MetricValues {
  if (load.answered === 0) return {};
  const values: MetricValues = { bytes_per_op: load.bytes / load.answered };
  const sum = (of: (window: RuntimeWindow) => number | null): number | undefined => {
    const known = windows.flatMap((window) => of(window) ?? []);
    return known.length === 0 ? undefined : known.reduce((total, value) => total + value, 0);
  };
  const longestMs = Math.max(0, ...windows.map((window) => window.durationMs));
  const expected = load.answered * Math.min(1, longestMs / load.durationMs);
  const isCounted = windows.every((window) => window.inboundRequests !== null);
  const seen = isCounted ? (sum((window) => window.inboundRequests) ?? 0) : 0;
  const requests = Math.abs(seen / expected - 1) <= SAME_REQUESTS ? seen : expected;
  const allocated = sum((window) => window.allocatedBytes);
  const queries = sum((window) => window.queries);
  const calls = sum((window) => window.outboundCalls);
  if (allocated !== undefined) values.allocated_bytes_per_op = allocated / requests;
  if (queries !== undefined) values.queries_per_op = queries / requests;
  if (calls !== undefined) values.outbound_calls_per_op = calls / requests;
  return values;
}

/** Arrivals that never got an answer stand in `failed` only; the rate counts them among the attempts. */
function notAnswered(load: LoadResult): number {
  return Math.max(0, load.latency.count + load.failed - load.answered);
}

export function gcShare(window: RuntimeWindow): number {
  const { minor, major, incremental, weakcb } = window.gcMs;
  return (minor + major + incremental + weakcb) / window.durationMs;
}
