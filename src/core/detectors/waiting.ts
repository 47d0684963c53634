import type { Location } from '../model/evidence.ts';
import type { MetricName } from '../model/metrics.ts';
import { wilsonInterval } from '../stats/proportion.ts';
import type { Span } from '../trace/model.ts';
import type { TraceAnalysis, TracedRequest } from '../trace/analyze.ts';
import { computeWaitingCeilings } from './ceiling.ts';
import type { ShareWithInterval } from './ceiling.ts';
import { SHARE_OF_REQUEST_TIME, SHARE_THRESHOLD } from './detector.ts';
import type { DetectorInput, Finding } from './detector.ts';
import type { Confidence } from './finding.ts';

/** What is common to findings of waiting: shares of the time of the requests, places of calls, how far both go. */

/** By request, the microseconds that a finding is about; each part of a request's time at most once. */
export type LostTime = ReadonlyMap<TracedRequest, number>;

/** Fewer complete requests say nothing of where the time of a request goes. */
export const MIN_REQUESTS = 10;

export function hasEnoughRequests(trace: TraceAnalysis | undefined): trace is TraceAnalysis {
  return trace !== undefined && trace.requests.length >= MIN_REQUESTS && trace.totalUs > 0;
}

export function shareOfRequests(trace: TraceAnalysis, lost: LostTime): Finding['share'] {
  const { value, interval } = ratioOf(trace.requests, lost);
  return {
    value,
    interval: [interval[0], interval[1]],
    of: SHARE_OF_REQUEST_TIME,
    n: trace.requests.length,
  };
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

export function waitingCeilingsOf(
  { metrics }: DetectorInput,
  trace: TraceAnalysis,
  lost: LostTime,
  extra: readonly MetricName[] = [],
): Finding['ceilings'] {
  const known = new Map<number | undefined, ShareWithInterval>();
  const shareAt = (percentile?: number) => {
    const share =
      known.get(percentile) ??
      ratioOf(percentile === undefined ? trace.requests : trace.at(percentile), lost);
    known.set(percentile, share);
    return share;
  };
  return [...computeWaitingCeilings(shareAt, [...metrics, ...extra])];
}

const ENOUGH_FOR_HIGH = 100;
const ENOUGH_FOR_MEDIUM = 30;

const LEVELS = ['low', 'medium', 'high'] as const;

/** By the number of requests, at most `most`; a trace of which much is missing is never more than medium. */
export function judgeTrace(trace: TraceAnalysis, most: Confidence['level'], reason: string): Confidence {
  const n = trace.requests.length;
  const byCount = n >= ENOUGH_FOR_HIGH ? 'high' : n >= ENOUGH_FOR_MEDIUM ? 'medium' : 'low';
  const { dropped, unendedRequests, orphans } = trace.gaps;
  const kept = trace.trace.spans.length;
  const gaps = dropped > kept || unendedRequests > n || orphans > kept / 4;
  const limits: readonly Confidence['level'][] = [most, byCount, gaps ? 'medium' : 'high'];
  const level = LEVELS[Math.min(...limits.map((limit) => LEVELS.indexOf(limit)))] ?? 'low';
  return {
    level,
    reason: `${n} traced requests; ${reason}${gaps ? '; much of the trace is missing' : ''}`,
  };
}

/** Where the project's own code asked for it, and what it asked for. Of several calls, the first with a known place. */
export function locateCalls(trace: TraceAnalysis, calls: Iterable<Span>): Location {
  let site;
  let first: Span | undefined;
  for (const call of calls) {
    first ??= call;
    site = trace.siteOf(call);
    if (site !== undefined) break;
  }
  const statement = first && trace.statementOf(first);
  return {
    ...(site === undefined
      ? {}
      : {
          function: site.function,
          file: site.shownFile,
          line: site.line,
          ...(site.package === undefined ? {} : { package: site.package }),
        }),
    ...(statement === undefined ? {} : { statement: statement.text, fingerprint: statement.fingerprint }),
    ...(first?.kind === 'outbound' ? { url: first.name } : {}),
  };
}

/** " from authorOf (src/feed.js:3)", or nothing. */
export function fromPlace({ function: name, file, line }: Location): string {
  if (name === undefined) return '';
  return ` from ${name}${file === undefined ? '' : ` (${file}${line === undefined ? '' : `:${line}`})`}`;
}

const SHOWN_CHARACTERS = 60;

/** "select * from users where id = ?", or "GET http://localhost:9000/users/{id}"; cut for a title. */
export function nameOfCall(trace: TraceAnalysis, call: Span): string {
  const text = (trace.statementOf(call)?.text ?? call.name).replaceAll(/\s+/g, ' ').trim();
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS - 1)}…` : text;
}

/** "30", "1.5" */
export function countText(count: number): string {
  return count >= 10 ? String(Math.round(count)) : String(Math.round(count * 10) / 10);
}

/** "120 ms", "3.4 ms" */
export function msText(us: number): string {
  const ms = us / 1000;
  return `${ms >= 10 ? Math.round(ms) : Math.round(ms * 10) / 10} ms`;
}
