import { metric, percentileOf } from '../model/metrics.ts';
import type { MetricName } from '../model/metrics.ts';
import { wilsonInterval } from '../stats/proportion.ts';
import type { TraceAnalysis, TracedRequest } from '../trace/analyze.ts';
import type { ShareWithInterval } from './ceiling.ts';
import { SHARE_OF_REQUEST_TIME, SHARE_THRESHOLD } from './detector.ts';
import type { Finding } from './detector.ts';

/** By request, the microseconds that a finding is about; each part of a request's time at most once. */
export type LostTime = ReadonlyMap<TracedRequest, number>;

/**
 * What lost time is of the time of the requests: of all of them, or of those that a latency percentile is made of which
 * somebody asks about, where it is more of those beyond doubt. A cause may be 2 % of all time, since a few long requests
 * make most of it, and a quarter of the usual request.
 *
 * @param metrics what objectives ask about
 */
export function shareOfRequests(
  trace: TraceAnalysis,
  lost: LostTime,
  metrics: readonly MetricName[],
): Finding['share'] {
  const whole = toShare(trace.requests, lost, SHARE_OF_REQUEST_TIME);
  return percentilesAskedFor(metrics)
    .map((percentile) => toShare(trace.at(percentile), lost, nameRequestsAt(percentile)))
    .filter(({ interval: [low] }) => low > whole.value)
    .reduce((most, share) => (share.value > most.value ? share : most), whole);
}

function percentilesAskedFor(metrics: readonly MetricName[]): readonly number[] {
  return [...new Set(metrics.flatMap((name) => percentileOf(name) ?? []))];
}

/** Requests under full load are what capacity is made of; who asks for latencies alone asks about the usual load. */
export function asksForCapacity(metrics: readonly MetricName[]): boolean {
  const speeds = metrics.filter((name) => metric(name).isSpeed === true);
  return speeds.length === 0 || speeds.some((name) => percentileOf(name) === undefined);
}

function nameRequestsAt(percentile: number): string {
  return percentile === 0.5
    ? `${SHARE_OF_REQUEST_TIME} around the median`
    : `${SHARE_OF_REQUEST_TIME} at or over p${Number((100 * percentile).toPrecision(4))}`;
}

/** Of all of them, or of those of a percentile, or under another load. */
export function isOfRequests({ of }: Finding['share']): boolean {
  return of.startsWith(SHARE_OF_REQUEST_TIME);
}

/** "Requests", "Requests around the median": whose time it is, to begin a title with. */
export function nameRequests({ of }: Finding['share']): string {
  return `Requests${of.slice(SHARE_OF_REQUEST_TIME.length)}`;
}

function toShare(requests: readonly TracedRequest[], lost: LostTime, of: string): Finding['share'] {
  const { value, interval } = ratioOf(requests, lost);
  return { value, interval: [...interval], of, n: requests.length };
}

/**
 * Lost time over all time, with an interval over requests. The ratio's standard error is linearized (Cochran, Sampling
 * Techniques, 6.4); since it knows nothing of 0 and 1 where such shares lie, it is turned into the number of independent
 * yes-or-no observations that have the same error, for Wilson's interval. Never more than there were requests, which is
 * wider than the error when all requests are alike: they were taken in one go, on one day.
 */
export function ratioOf(requests: readonly TracedRequest[], lost: LostTime): ShareWithInterval {
  const n = requests.length;
  const total = requests.reduce((sum, { durationUs }) => sum + durationUs, 0);
  if (n === 0 || total <= 0) return { value: 0, interval: [0, 1] };
  const value = Math.min(1, requests.reduce((sum, request) => sum + (lost.get(request) ?? 0), 0) / total);
  const squares = requests.reduce(
    (sum, request) => sum + ((lost.get(request) ?? 0) - value * request.durationUs) ** 2,
    0,
  );
  const variance = n < 2 ? 1 : ((n / (n - 1)) * squares) / total ** 2;
  const effectiveN = variance > 0 ? (value * (1 - value)) / variance : n;
  const [low, high] = wilsonInterval({ share: value, n, effectiveN: Math.max(1, effectiveN) }) ?? [0, 1];
  return { value, interval: [low, high] };
}

/** Over the threshold, and not by a few requests alone. */
export function isWorthWaiting({ value, interval }: Finding['share'], threshold = SHARE_THRESHOLD): boolean {
  return value >= threshold && interval[0] >= threshold / 2;
}
