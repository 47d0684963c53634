import { lostUs, shapeOf } from '../trace/analyze.ts';
import type { TraceAnalysis, TracedRequest, TracedSpan } from '../trace/analyze.ts';
import type { Span, SpanKind } from '../trace/model.ts';
import type { LostTime } from './share-of-requests.ts';

/** Calls by the request that they belong to; each has some. */
export type CallsByRequest = ReadonlyMap<TracedRequest, readonly TracedSpan[]>;

/** All calls of one shape, by the request that they belong to. */
export interface CallGroup {
  readonly shape: string;
  /** One of them, for names; the first. */
  readonly example: Span;
  readonly byRequest: CallsByRequest;
}

/** Calls that somebody waited for, by shape or by what makes them one thing to change, in order of their first appearance. */
export function groupCalls(
  { requests }: TraceAnalysis,
  kinds: readonly SpanKind[],
  keep: (call: TracedSpan) => boolean = () => true,
  keyOf: (span: Span) => string = shapeOf,
): readonly CallGroup[] {
  const groups = new Map<string, { example: Span; byRequest: Map<TracedRequest, TracedSpan[]> }>();
  for (const request of requests) {
    for (const call of request.spans) {
      if (call.background || !kinds.includes(call.span.kind) || !keep(call)) continue;
      const shape = keyOf(call.span);
      let group = groups.get(shape);
      if (group === undefined) groups.set(shape, (group = { example: call.span, byRequest: new Map() }));
      const calls = group.byRequest.get(request);
      if (calls === undefined) group.byRequest.set(request, [call]);
      else calls.push(call);
    }
  }
  return [...groups].map(([shape, group]) => ({ shape, ...group }));
}

/** Of the calls of each request the ones that a finding is about; requests with none of them are left out. */
export function pickCalls(
  { byRequest }: CallGroup,
  pick: (calls: readonly TracedSpan[]) => readonly TracedSpan[],
): CallsByRequest {
  return new Map(
    [...byRequest].flatMap(([request, calls]) => {
      const picked = pick(calls);
      return picked.length === 0 ? [] : [[request, picked] as const];
    }),
  );
}

/** What requests lost to these calls: waiting for them and queueing for the thread after, or a part of it. */
export function lostTo(
  calls: CallsByRequest,
  lostBy: (request: TracedRequest, calls: readonly TracedSpan[]) => number = lostUs,
): LostTime {
  return new Map([...calls].map(([request, list]) => [request, lostBy(request, list)]));
}

export function callsOf(byRequest: CallsByRequest): readonly TracedSpan[] {
  return [...byRequest.values()].flat();
}

export function spansOf(byRequest: CallsByRequest): readonly Span[] {
  return callsOf(byRequest).map(({ span }) => span);
}

/** In each request, as most requests have it. */
export function usualCount(byRequest: CallsByRequest): number {
  return median([...byRequest.values()].map(({ length }) => length));
}

const CONTROL =
  /^\s*(?:begin|start\s+transaction|commit|rollback|savepoint|release|set|reset|show|discard|deallocate|pragma|use|ping|auth|hello|select\s+1\s*;?\s*$)\b/i;

/** BEGIN, SET and the like: the price of a transaction or a connection, no question about data. */
export function isControl(trace: TraceAnalysis, call: Span): boolean {
  return call.kind === 'query' && CONTROL.test(trace.statementOf(call)?.text ?? call.name);
}

const READING_QUERY =
  /^\s*(?:select|with|table|values|explain|get|mget|hget|hgetall|hmget|lrange|smembers|sismember|zrange|exists|find|findone|aggregate|count|distinct)\b/i;
const WRITING_WORD = /\b(?:insert\s+into|update\s+\S+\s+set|delete\s+from|for\s+(?:no\s+key\s+)?update)\b/i;

/** It asks without changing anything, by its text: a second time gives the same unless somebody else wrote meanwhile. */
export function isReading(trace: TraceAnalysis, call: Span): boolean {
  if (call.kind === 'query') {
    const text = trace.statementOf(call)?.text ?? call.name;
    return READING_QUERY.test(text) && !WRITING_WORD.test(text);
  }
  if (call.kind === 'outbound') return /^(?:GET|HEAD)\b/i.test(call.name);
  return /read|stat|exists|access/i.test(call.name);
}

/** Of an answer, any status that says so: whose fault it was makes no difference to who asks again. */
export function hasFailed({ span: { failed, status } }: TracedSpan): boolean {
  return failed || (status !== undefined && status >= 400);
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
}
