import { packageOf } from '../profile/package-of.ts';
import { displayFile } from '../profile/display-file.ts';
import type { CallSite, Span, Statement, Trace } from './model.ts';
import { growRequests } from './request-tree.ts';
import type { RequestTree, TraceGaps, TracedSpan } from './request-tree.ts';
import { SPLIT_PARTS, answeredUs, emptyParts, splitRequest } from './split.ts';
import type { RequestTime, TimeSplit } from './split.ts';
import { readActivity } from './thread-activity.ts';
import type { Stretch } from './thread-activity.ts';

export type { TracedSpan, TraceGaps } from './request-tree.ts';

/** One complete request, with where its time went. */
export interface TracedRequest extends RequestTree, RequestTime {
  readonly durationUs: number;
}

/** A call site as findings show it. */
export interface Site extends CallSite {
  /** Relative to the project, or the package path. */
  readonly shownFile: string;
  readonly package?: string;
}

/** A trace, read once: what all detectors of waiting and all views of it start from. */
export interface TraceAnalysis {
  readonly trace: Trace;
  /** Complete ones, in order of their start. */
  readonly requests: readonly TracedRequest[];
  /** Sum of their durations: what shares of the time of the requests are shares of. */
  readonly totalUs: number;
  readonly gaps: TraceGaps;
  readonly split: TimeSplit;
  /** Of requests around the median, and of those at or over the 99th percentile; null without requests. */
  readonly splitP50: TimeSplit | null;
  readonly splitP99: TimeSplit | null;
  /** What of the time of the requests is explained: 1 - other. */
  readonly coverage: number;
  /** Whether the producer knows when threads ran; without, CPU, garbage collection and queueing are in `other`. */
  readonly knowsRuns: boolean;
  /** Whether waits for locks are told apart from the rest of a statement's time; without, they are in `database`. */
  readonly knowsLocks: boolean;
  /** The requests that a latency percentile is made of; see `requestsAt`. */
  readonly at: (percentile: number) => readonly TracedRequest[];
  /** How long a call of this shape takes when nothing is in its way, in microseconds. */
  readonly usualUs: (span: Span) => number;
  /** When the answer of a call was probably there, which may be before its callback ran; for one that ended. */
  readonly answeredUs: (span: Span) => number;
  /** Its own, or where calls of its shape mostly come from: the tracer looks only the first few of each up. */
  readonly siteOf: (span: Span) => Site | undefined;
  readonly statementOf: (span: Span) => Statement | undefined;
}

/** @param roots directories of the project, for the names of files */
export function analyzeTrace(trace: Trace, roots: readonly string[] = []): TraceAnalysis {
  const { requests: trees, gaps } = growRequests(trace);
  const runs = groupRuns(trace);
  const surroundings = {
    activity: readActivity(trace),
    statements: trace.statements,
    usualUs: usualDurations(trace.spans),
  };
  const requests = trees.map((tree): TracedRequest => ({
    ...tree,
    ...splitRequest(tree, runs.get(tree.trace) ?? [], surroundings),
    durationUs: Math.max(0, (tree.span.endUs ?? tree.span.startUs) - tree.span.startUs),
  }));
  const sites = trace.sites.map((site): Site => {
    const owner = packageOf(site.file);
    return {
      ...site,
      shownFile: displayFile(site.file, roots),
      ...(owner === undefined ? {} : { package: owner }),
    };
  });
  const usualSites = findUsualSites(trace.spans);
  const split = addUp(requests);
  const picked = new Map<number, readonly TracedRequest[]>();
  const at = (percentile: number): readonly TracedRequest[] => {
    const known = picked.get(percentile) ?? requestsAt(requests, percentile);
    picked.set(percentile, known);
    return known;
  };
  return {
    trace,
    requests,
    totalUs: requests.reduce((sum, { durationUs }) => sum + durationUs, 0),
    gaps,
    split,
    splitP50: requests.length === 0 ? null : addUp(at(0.5)),
    splitP99: requests.length === 0 ? null : addUp(at(0.99)),
    coverage: requests.length === 0 ? 0 : 1 - split.shares.other,
    at,
    usualUs: surroundings.usualUs,
    answeredUs: (span) => {
      const { startUs, endUs = startUs } = span;
      return answeredUs(span, { startUs, endUs }, surroundings);
    },
    knowsRuns: trace.runs.length > 0,
    knowsLocks: trace.statements.some(({ lockShare }) => lockShare !== undefined),
    siteOf: (span) => {
      const site = span.site ?? usualSites.get(shapeOf(span));
      return site === undefined ? undefined : sites[site];
    },
    statementOf: ({ statement }) => (statement === undefined ? undefined : trace.statements[statement]),
  };
}

function groupRuns(trace: Trace): ReadonlyMap<string, readonly Stretch[]> {
  const groups = new Map<string, Stretch[]>();
  for (const run of trace.runs) {
    const group = groups.get(run.trace);
    if (group === undefined) groups.set(run.trace, [run]);
    else group.push(run);
  }
  return groups;
}

/** Shares over all time of the requests, so that long ones count by their length. */
export function addUp(requests: readonly TracedRequest[]): TimeSplit {
  const sums = emptyParts();
  let totalUs = 0;
  for (const { parts, durationUs } of requests) {
    totalUs += durationUs;
    for (const part of SPLIT_PARTS) sums[part] += parts[part];
  }
  const shares = emptyParts();
  // Requests that took no time at all say nothing of where it went.
  if (totalUs > 0) for (const part of SPLIT_PARTS) shares[part] = sums[part] / totalUs;
  else shares.other = 1;
  return {
    requests: requests.length,
    meanMs: requests.length === 0 ? 0 : totalUs / requests.length / 1000,
    shares,
  };
}

/** Half of this on each side of the median: enough requests for a split, near enough to be alike. */
const MEDIAN_BAND = 0.2;

/**
 * The requests that a latency percentile is made of: around the median those between the 40th and the 60th percentile,
 * above it those at or over the percentile; at least one.
 *
 * @param percentile as a share, [0.5, 1)
 */
export function requestsAt(requests: readonly TracedRequest[], percentile: number): readonly TracedRequest[] {
  const sorted = [...requests].sort((a, b) => a.durationUs - b.durationUs);
  const last = sorted.length - 1;
  const rank = (share: number) => Math.min(last, Math.max(0, Math.floor(share * sorted.length)));
  return percentile <= 0.5
    ? sorted.slice(rank(percentile - MEDIAN_BAND / 2), rank(percentile + MEDIAN_BAND / 2) + 1)
    : sorted.slice(rank(percentile));
}

/** Of a shape's durations: low enough to be free of queueing when the thread had any pause, and no outlier. */
const USUAL_PERCENTILE = 0.1;

function usualDurations(spans: readonly Span[]): (span: Span) => number {
  const durations = new Map<string, number[]>();
  for (const span of spans) {
    if (span.endUs === undefined || span.kind === 'request' || span.kind === 'internal') continue;
    const shape = shapeOf(span);
    const list = durations.get(shape);
    if (list === undefined) durations.set(shape, [span.endUs - span.startUs]);
    else list.push(span.endUs - span.startUs);
  }
  const usual = new Map<string, number>();
  for (const [shape, list] of durations) {
    const sorted = Float64Array.from(list).sort();
    usual.set(shape, Math.max(0, sorted[Math.floor(USUAL_PERCENTILE * (sorted.length - 1))] ?? 0));
  }
  return (span) => usual.get(shapeOf(span)) ?? 0;
}

function findUsualSites(spans: readonly Span[]): ReadonlyMap<string, number> {
  const counts = new Map<string, Map<number, number>>();
  for (const span of spans) {
    if (span.site === undefined) continue;
    const shape = shapeOf(span);
    const ofShape = counts.get(shape) ?? new Map<number, number>();
    counts.set(shape, ofShape);
    ofShape.set(span.site, (ofShape.get(span.site) ?? 0) + 1);
  }
  return new Map(
    [...counts].flatMap(([shape, ofShape]) => {
      const [most] = [...ofShape].sort((a, b) => b[1] - a[1]);
      return most === undefined ? [] : [[shape, most[0]] as const];
    }),
  );
}

/** What makes two calls calls of the same thing: kind and statement, or kind and name. */
export function shapeOf({ kind, statement, name }: Span): string {
  return statement === undefined ? `${kind} ${name}` : `${kind} #${statement}`;
}

/** What a request lost to some of its calls: waiting for them, and queueing for the thread once they were answered. */
export function lostUs(request: TracedRequest, calls: readonly TracedSpan[]): number {
  return calls.reduce(
    (sum, { index }) => sum + (request.waitedUs[index] ?? 0) + (request.queuedUs[index] ?? 0),
    0,
  );
}
