import { lostUs } from '../trace/analyze.ts';
import type { TraceAnalysis, TracedSpan } from '../trace/analyze.ts';
import {
  callsOf,
  groupCalls,
  isControl,
  lostTo,
  median,
  pickCalls,
  spansOf,
  usualCount,
} from './call-groups.ts';
import type { CallGroup } from './call-groups.ts';
import type { Detector } from './detector.ts';
import { detectWaits } from './detect-waits.ts';
import type { Wait } from './detect-waits.ts';
import { percent } from './finding.ts';
import { countText, nameOfCall } from './waiting.ts';

/** Fewer are often meant: a handful of different look-ups. */
const MIN_REPEATS = 5;
/** Of the repeats, with an input of their own; the others are the same work twice. */
const DISTINCT_INPUTS = 0.5;

/** One request asks the same question again and again, each time about something else: one question would do. */
function detectNPlusOne(
  kind: 'query' | 'outbound',
  { calls, ...words }: Pick<Detector, 'id' | 'title'> & { readonly calls: string; readonly confirm: string },
): Detector {
  return detectWaits({
    ...words,
    layer: 'data-access',
    find: (trace) =>
      groupCalls(trace, [kind], ({ span }) => !isControl(trace, span)).map((group) =>
        findLoop(trace, group, calls),
      ),
  });
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

function findLoop(trace: TraceAnalysis, group: CallGroup, whatCalls: string): Wait {
  const repeated = pickCalls(group, (calls) =>
    calls.length >= MIN_REPEATS && countInputs(calls) >= DISTINCT_INPUTS * calls.length ? calls : [],
  );
  return {
    // One of them is needed.
    lost: lostTo(repeated, (request, list) => lostUs(request, list) * ((list.length - 1) / list.length)),
    calls: spansOf(repeated),
    tell: ({ share, from }) => {
      const lists = [...repeated.values()];
      const perRequest = countText(usualCount(repeated));
      const inParallel = median(lists.map(overlap)) >= 0.5;
      const calls = callsOf(repeated);
      const known = calls.filter(({ span }) => span.input !== undefined).length / calls.length;
      const routes = [...new Set([...repeated.keys()].map(({ span }) => span.name))].slice(0, 3);
      return {
        title: `${perRequest} ${whatCalls} per request (${nameOfCall(trace, group.example)})${from} take ${percent(share.value)} of the ${share.of}`,
        most: known >= 0.9 ? 'high' : 'medium',
        reason: `the same shape ${perRequest} times in one request${known >= 0.9 ? ', with inputs of their own' : `; the inputs of ${percent(1 - known)} of them are not known`}`,
        signals: [
          'n-plus-one',
          inParallel ? 'parallel' : 'serial',
          `per-request:${perRequest}`,
          ...routes.map((route) => `route:${route}`),
        ],
        detail: `in ${repeated.size} of ${trace.requests.length} requests (${routes.join(', ')}); ${inParallel ? 'sent together, so they crowd the pool and the database' : 'one after the other'}`,
      };
    },
  };
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
