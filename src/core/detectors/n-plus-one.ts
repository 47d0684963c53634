import { lostUs } from '../trace/analyze.ts';
import type { TraceAnalysis, TracedRequest, TracedSpan } from '../trace/analyze.ts';
import { groupCalls, isControl, median } from './call-groups.ts';
import type { CallGroup } from './call-groups.ts';
import type { Detector, DetectorInput, Finding } from './detector.ts';
import { percent } from './finding.ts';
import {
  countText,
  fromPlace,
  hasEnoughRequests,
  isWorthWaiting,
  judgeTrace,
  locateCalls,
  nameOfCall,
  shareOfRequests,
  waitingCeilingsOf,
} from './waiting.ts';

/** Fewer are often meant: a handful of different look-ups. */
const MIN_REPEATS = 5;
/** Of the repeats, with an input of their own; the others are the same work twice. */
const DISTINCT_INPUTS = 0.5;

/** One request asks the same question again and again, each time about something else: one question would do. */
function detectNPlusOne(
  kind: 'query' | 'outbound',
  words: Pick<Detector, 'id' | 'title'> & { readonly calls: string; readonly confirm: string },
): Detector {
  return {
    id: words.id,
    title: words.title,
    names: 'wait',
    detect(input) {
      const { trace } = input;
      if (!hasEnoughRequests(trace)) return [];
      return groupCalls(trace, [kind], ({ span }) => !isControl(trace, span)).flatMap((group) => {
        const finding = describe(input, trace, group, words);
        return finding === null ? [] : [finding];
      });
    },
  };
}

export const nPlusOneQueries = detectNPlusOne('query', {
  id: 'n-plus-one-queries',
  title: 'N+1 queries',
  calls: 'queries of one shape',
  confirm:
    'Ask for a page of another size: queries per request that grow with it confirm the loop; one query with IN or a join must give the same answer.',
});

export const nPlusOneCalls = detectNPlusOne('outbound', {
  id: 'n-plus-one-calls',
  title: 'N+1 outbound calls',
  calls: 'calls of one URL template',
  confirm:
    'Ask for a page of another size: calls per request that grow with it confirm the loop; look whether the other side answers for several at once.',
});

function describe(
  input: DetectorInput,
  trace: TraceAnalysis,
  group: CallGroup,
  words: { readonly id: string; readonly calls: string; readonly confirm: string },
): Finding | null {
  const repeated = [...group.byRequest].filter(
    ([, calls]) => calls.length >= MIN_REPEATS && countInputs(calls) >= DISTINCT_INPUTS * calls.length,
  );
  const calls = repeated.flatMap(([, ofRequest]) => ofRequest);
  // One of them is needed.
  const lost = new Map<TracedRequest, number>(
    repeated.map(([request, list]) => [request, lostUs(request, list) * ((list.length - 1) / list.length)]),
  );
  const share = shareOfRequests(trace, lost);
  if (calls.length === 0 || !isWorthWaiting(share)) return null;
  const perRequest = median(repeated.map(([, list]) => list.length));
  const overlapping = median(repeated.map(([, list]) => overlap(list)));
  const inParallel = overlapping >= 0.5;
  const known = calls.filter(({ span }) => span.input !== undefined).length / calls.length;
  const location = locateCalls(trace, spansOf(calls));
  const routes = [...new Set(repeated.map(([{ span }]) => span.name))];
  return {
    kind: words.id,
    title: `${countText(perRequest)} ${words.calls} per request (${nameOfCall(trace, group.example)})${fromPlace(location)} take ${percent(share.value)} of the time of the requests`,
    layer: 'data-access',
    location,
    share,
    ceilings: waitingCeilingsOf(input, trace, lost),
    confidence: judgeTrace(
      trace,
      known >= 0.9 ? 'high' : 'medium',
      known >= 0.9
        ? `the same shape ${countText(perRequest)} times in one request, with inputs of their own`
        : `the same shape ${countText(perRequest)} times in one request; the inputs of ${percent(1 - known)} of them are not known`,
    ),
    signals: [
      'n-plus-one',
      inParallel ? 'parallel' : 'serial',
      `per-request:${countText(perRequest)}`,
      ...routes.slice(0, 3).map((route) => `route:${route}`),
    ],
    detail: `in ${repeated.length} of ${trace.requests.length} requests (${routes.slice(0, 3).join(', ')}); ${inParallel ? 'sent together, so they crowd the pool and the database' : 'one after the other'}`,
    confirm: words.confirm,
  };
}

function* spansOf(calls: Iterable<TracedSpan>) {
  for (const { span } of calls) yield span;
}

/** Unknown inputs count as distinct: the finding says how many they were. */
function countInputs(calls: readonly TracedSpan[]): number {
  const unknown = calls.filter(({ span }) => span.input === undefined).length;
  return unknown + new Set(calls.flatMap(({ span }) => span.input ?? [])).size;
}

/** Of the calls, those that began before an earlier one had ended, [0, 1]. */
function overlap(calls: readonly TracedSpan[]): number {
  if (calls.length < 2) return 0;
  let latest = -Infinity;
  let overlapping = 0;
  for (const { startUs, endUs } of [...calls].sort((a, b) => a.startUs - b.startUs)) {
    if (startUs < latest) overlapping += 1;
    latest = Math.max(latest, endUs);
  }
  return overlapping / (calls.length - 1);
}
