import { shapeOf } from '../trace/analyze.ts';
import type { TraceAnalysis, TracedRequest, TracedSpan } from '../trace/analyze.ts';
import type { Span } from '../trace/model.ts';
import { isControl, isReading } from './call-groups.ts';
import { detectWaits } from './detect-waits.ts';
import type { Wait } from './detect-waits.ts';
import { percent } from './finding.ts';
import { nameOfCall } from './waiting.ts';

/** A pause in which an answer could hardly be used for the next question; more than that, and something was computed. */
const MAX_PAUSE_US = 1000;
/** A guess has to promise more than a measurement. */
const GUESS_THRESHOLD = 0.1;

/**
 * Different questions, asked one after the other without anything between. Whether the second needs the answer to the
 * first cannot be seen from outside, so this is a candidate and never more than of low confidence.
 */
export const serialIndependentCalls = detectWaits({
  id: 'serial-independent-calls',
  title: 'Calls one after the other that may be independent',
  layer: 'architecture',
  threshold: GUESS_THRESHOLD,
  confirm:
    'Read the code between the calls: if none uses the answer of another, starting them together must leave the answers equal.',
  find: (trace) => [...groupChains(trace)].map((chain) => describeChain(trace, chain)),
});

/** Calls that follow each other in the same places, in many requests. */
interface Chain {
  readonly calls: readonly TracedSpan[];
  readonly lost: Map<TracedRequest, number>;
  /** What each of its calls is called by other detectors. */
  readonly seen: Set<string>;
}

function groupChains(trace: TraceAnalysis): Iterable<Chain> {
  const chains = new Map<string, Chain>();
  for (const request of trace.requests) {
    for (const calls of findChains(trace, request)) {
      const key = calls.map(({ span }) => placeOf(trace, span)).join('\n');
      const chain: Chain = chains.get(key) ?? { calls, lost: new Map(), seen: new Set() };
      chains.set(key, chain);
      for (const { span } of calls) chain.seen.add(trace.statementOf(span)?.fingerprint ?? span.name);
      const waited = calls.map(({ index }) => request.waitedUs[index] ?? 0);
      const saved = waited.reduce((sum, us) => sum + us, 0) - Math.max(...waited);
      chain.lost.set(request, (chain.lost.get(request) ?? 0) + saved);
    }
  }
  return chains.values();
}

function describeChain(trace: TraceAnalysis, { calls, lost, seen }: Chain): Wait {
  const spans = calls.map(({ span }) => span);
  return {
    lost,
    calls: spans,
    tell: ({ share, from }) => ({
      title: `${calls.length} calls${from} run one after the other and may be independent: ${percent(share.value)} of the ${share.of} if they are`,
      most: 'low',
      reason: 'a candidate: whether a call needs the answer of the one before cannot be seen in a trace',
      // For the join: what other detectors call each of them.
      signals: ['serial', `calls:${calls.length}`, ...[...seen].slice(0, 12).map((name) => `call:${name}`)],
      detail: spans.map((span) => nameOfCall(trace, span)).join('\nthen '),
    }),
  };
}

/** Longest rows of neighbours of different shapes; what writes, and what is inside a transaction, has an order. */
function findChains(trace: TraceAnalysis, { spans }: TracedRequest): readonly (readonly TracedSpan[])[] {
  const calls = spans
    .filter(
      ({ span, background, parent }) =>
        !background &&
        (span.kind === 'query' || span.kind === 'outbound') &&
        (parent === undefined || parent.span.kind === 'internal'),
    )
    .sort((a, b) => a.startUs - b.startUs || a.endUs - b.endUs);
  const chains: TracedSpan[][] = [];
  let chain: TracedSpan[] = [];
  let latest = -Infinity;
  for (const call of calls) {
    const before = chain.at(-1);
    const pause = call.startUs - latest;
    const goesOn =
      before !== undefined &&
      pause >= 0 &&
      pause < MAX_PAUSE_US &&
      isFree(trace, call) &&
      chain.every(({ span }) => shapeOf(span) !== shapeOf(call.span));
    latest = Math.max(latest, call.endUs);
    if (goesOn) {
      chain.push(call);
    } else {
      if (chain.length > 1) chains.push(chain);
      chain = isFree(trace, call) ? [call] : [];
    }
  }
  return chain.length > 1 ? [...chains, chain] : chains;
}

/** Calls of one line of code are alike, although their URLs may have names in them that no template covers. */
function placeOf(trace: TraceAnalysis, span: Span): string {
  const site = trace.siteOf(span);
  return span.kind === 'query' || site === undefined
    ? shapeOf(span)
    : `${span.kind} ${site.file}:${site.line}:${site.column}`;
}

function isFree(trace: TraceAnalysis, { span }: TracedSpan): boolean {
  return (
    span.transaction === undefined &&
    trace.statementOf(span)?.engine !== 'sqlite' &&
    isReading(trace, span) &&
    !isControl(trace, span)
  );
}
