import { quantile } from '../stats/index.ts';
import { shapeOf } from './analyze.ts';
import type { Site, TraceAnalysis, TracedRequest, TracedSpan } from './analyze.ts';
import type { Span, SpanKind } from './model.ts';
import { SPLIT_PARTS, partOfWait } from './split.ts';
import type { SplitPart } from './split.ts';

/** Which request is shown: the slowest, one of median length, or the slowest whose name or id holds a text. */
export type RequestChoice = 'slowest' | 'median' | { readonly name: string };

export function chooseRequest({ requests }: TraceAnalysis, choice: RequestChoice): TracedRequest | undefined {
  const sorted = [...requests].sort((a, b) => b.durationUs - a.durationUs);
  if (choice === 'slowest') return sorted[0];
  if (choice === 'median') return sorted[Math.floor(sorted.length / 2)];
  const wanted = choice.name.toLowerCase();
  return sorted.find(({ span, trace }) => trace === choice.name || span.name.toLowerCase().includes(wanted));
}

/** One request, over time. All times are in ms since it began. */
export interface Timeline {
  readonly name: string;
  readonly trace: string;
  readonly durationMs: number;
  readonly status: number | null;
  /** Parts that it spent time in, most first. */
  readonly parts: readonly { readonly part: SplitPart; readonly ms: number }[];
  readonly rows: readonly TimelineRow[];
  /** When its own code ran. */
  readonly runs: readonly { readonly startMs: number; readonly endMs: number }[];
  /** Rows that are not shown, the shortest of all. */
  readonly left: number;
}

export interface TimelineRow {
  readonly kind: SpanKind;
  readonly label: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly depth: number;
  /** Calls of one shape right after or beside each other stand in one row. */
  readonly count: number;
  /** What of the request's time was spent waiting for it. */
  readonly waitedMs: number;
  /** How long its answer lay there while the thread did something else. */
  readonly queuedMs: number;
  readonly failed: boolean;
  readonly background: boolean;
  readonly part: SplitPart | null;
  /** "authorOf (src/feed.js:3)", of the first that knows. */
  readonly site: string | null;
}

/** From this many neighbours of one shape on, a row for each tells less than one for all. */
const FOLDED = 4;

export function viewTimeline(analysis: TraceAnalysis, request: TracedRequest, limit = 60): Timeline {
  const origin = request.span.startUs;
  const ms = (us: number) => (us - origin) / 1000;
  const roots = request.spans.filter(({ parent }) => parent === undefined);
  const rows: TimelineRow[] = [];
  const pending: (readonly TracedSpan[])[] = foldNeighbours(roots).reverse();
  for (let group = pending.pop(); group !== undefined; group = pending.pop()) {
    const [first] = group;
    if (first === undefined) continue;
    const sites = group.flatMap(({ span }) => analysis.siteOf(span) ?? []);
    const sum = (of: Float64Array) => group.reduce((total, { index }) => total + (of[index] ?? 0), 0) / 1000;
    rows.push({
      kind: first.span.kind,
      label: analysis.statementOf(first.span)?.text ?? first.span.name,
      startMs: ms(Math.min(...group.map(({ startUs }) => startUs))),
      endMs: ms(Math.max(...group.map(({ endUs }) => endUs))),
      depth: first.depth,
      count: group.length,
      waitedMs: sum(request.waitedUs),
      queuedMs: sum(request.queuedUs),
      failed: group.some(({ span }) => span.failed),
      background: first.background,
      part: partOfWait(first) ?? null,
      site: describeSite(sites[0]),
    });
    // What folded calls did inside of them is left to them; of a single one it is shown.
    if (group.length === 1) pending.push(...foldNeighbours(first.children).reverse());
  }
  const shown = keepLongest(rows, limit);
  return {
    name: request.span.name,
    trace: request.trace,
    durationMs: request.durationUs / 1000,
    status: request.span.status ?? null,
    parts: SPLIT_PARTS.map((part) => ({ part, ms: request.parts[part] / 1000 }))
      .filter((one) => one.ms > 0)
      .sort((a, b) => b.ms - a.ms),
    rows: shown,
    runs: analysis.trace.runs
      .filter(({ trace }) => trace === request.trace)
      .map(({ startUs, endUs }) => ({ startMs: ms(startUs), endMs: ms(endUs) })),
    left: rows.length - shown.length,
  };
}

function foldNeighbours(spans: readonly TracedSpan[]): (readonly TracedSpan[])[] {
  const groups: TracedSpan[][] = [];
  for (const span of spans) {
    const last = groups.at(-1);
    const before = last?.[0];
    if (
      last !== undefined &&
      before !== undefined &&
      shapeOf(before.span) === shapeOf(span.span) &&
      before.background === span.background
    )
      last.push(span);
    else groups.push([span]);
  }
  return groups.flatMap((group): (readonly TracedSpan[])[] =>
    group.length >= FOLDED ? [group] : group.map((span) => [span]),
  );
}

/** The longest rows, in the order that they had. */
function keepLongest(rows: readonly TimelineRow[], limit: number): readonly TimelineRow[] {
  if (rows.length <= limit) return rows;
  const kept = new Set([...rows].sort((a, b) => b.endMs - b.startMs - (a.endMs - a.startMs)).slice(0, limit));
  return rows.filter((row) => kept.has(row));
}

/** One statement or outbound call over all requests. */
export interface CallSummary {
  readonly label: string;
  readonly fingerprint: string | null;
  readonly calls: number;
  /** Requests that made it, and how often each of them did. */
  readonly requests: number;
  readonly perRequest: number;
  readonly totalMs: number;
  readonly meanMs: number;
  readonly p95Ms: number;
  /** What of the time of all requests was spent waiting for it, [0, 1]. */
  readonly share: number;
  readonly failed: number;
  readonly freshConnections: number;
  readonly meanRows: number | null;
  readonly site: string | null;
}

/** Statements by the time that went to them in total, longest first. */
export function viewStatements(analysis: TraceAnalysis): readonly CallSummary[] {
  return summarize(analysis, 'query');
}

/** Outbound calls by the time that went to them in total, longest first. */
export function viewOutbound(analysis: TraceAnalysis): readonly CallSummary[] {
  return summarize(analysis, 'outbound');
}

function summarize(analysis: TraceAnalysis, kind: SpanKind): readonly CallSummary[] {
  const groups = new Map<
    string,
    { spans: Span[]; durations: number[]; requests: number; waitedUs: number }
  >();
  for (const { spans, waitedUs } of analysis.requests) {
    const seen = new Set<string>();
    for (const { span, index, startUs, endUs } of spans) {
      if (span.kind !== kind) continue;
      const shape = shapeOf(span);
      const group = groups.get(shape) ?? { spans: [], durations: [], requests: 0, waitedUs: 0 };
      groups.set(shape, group);
      group.spans.push(span);
      group.durations.push((endUs - startUs) / 1000);
      group.waitedUs += waitedUs[index] ?? 0;
      if (!seen.has(shape)) group.requests += 1;
      seen.add(shape);
    }
  }
  return [...groups.values()]
    .map(({ spans, durations, requests, waitedUs }): CallSummary => {
      const [first] = spans;
      const statement = first && analysis.statementOf(first);
      const rows = spans.flatMap((span) => span.rows ?? []);
      const totalMs = durations.reduce((sum, one) => sum + one, 0);
      return {
        label: statement?.text ?? first?.name ?? '',
        fingerprint: statement?.fingerprint ?? null,
        calls: spans.length,
        requests,
        perRequest: spans.length / requests,
        totalMs,
        meanMs: totalMs / spans.length,
        p95Ms: quantile(durations, 0.95),
        share: analysis.totalUs > 0 ? waitedUs / analysis.totalUs : 0,
        failed: spans.filter(({ failed }) => failed).length,
        freshConnections: spans.filter(({ freshConnection }) => freshConnection === true).length,
        meanRows: rows.length === 0 ? null : rows.reduce((sum, count) => sum + count, 0) / rows.length,
        site: describeSite(spans.map((span) => analysis.siteOf(span)).find((site) => site !== undefined)),
      };
    })
    .sort((a, b) => b.totalMs - a.totalMs || (a.label < b.label ? -1 : 1));
}

function describeSite(site: Site | undefined): string | null {
  return site === undefined ? null : `${site.function} (${site.shownFile}:${site.line})`;
}
