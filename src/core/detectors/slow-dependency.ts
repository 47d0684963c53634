import type { TraceAnalysis, TracedRequest, TracedSpan } from '../trace/analyze.ts';
import { groupCalls, isControl, lostTo, median, spansOf } from './call-groups.ts';
import type { CallGroup } from './call-groups.ts';
import { detectWaits } from './detect-waits.ts';
import type { Wait } from './detect-waits.ts';
import { percent } from './finding.ts';
import { nameRequests } from './share-of-requests.ts';
import { countText, msText, nameOfCall } from './waiting.ts';

/** Most services spend most of a request waiting for something; less than this of it is nothing to start with. */
const DEPENDENCY_THRESHOLD = 0.15;
/** Faster is what a call over a network takes by itself; a person waiting notices ten times as much. In us. */
const USUAL_CALL_US = 2000;
const SLOW_CALL_US = 10_000;

/** One statement or outbound call that requests mostly wait for. Why it is slow is for other evidence to say. */
export const slowDependency = detectWaits({
  id: 'slow-dependency',
  title: 'Slow dependency',
  layer: 'architecture',
  threshold: DEPENDENCY_THRESHOLD,
  confirm:
    'Measure the other side alone: as slow there, the cause is there; faster, look at connections and at how many calls go out at once.',
  find: (trace) =>
    groupCalls(trace, ['query', 'outbound'], ({ span }) => !isControl(trace, span)).map((group) =>
      findSlow(trace, group),
    ),
});

function findSlow(trace: TraceAnalysis, { example, byRequest }: CallGroup): Wait | null {
  // What it was waited for, and not how long it took: an answer that lay there says nothing of who gave it.
  const waitedOf = (request: TracedRequest, calls: readonly TracedSpan[]) =>
    calls.map(({ index }) => request.waitedUs[index] ?? 0);
  const each = [...byRequest].flatMap(([request, calls]) => waitedOf(request, calls));
  const typical = median(each);
  if (typical < USUAL_CALL_US) return null;
  return {
    lost: lostTo(byRequest, (request, calls) => waitedOf(request, calls).reduce((sum, us) => sum + us, 0)),
    calls: spansOf(byRequest),
    tell: ({ share, from }) => {
      const perRequest = countText(each.length / byRequest.size);
      const isSlow = typical >= SLOW_CALL_US;
      return {
        title: `${nameRequests(share)} wait ${percent(share.value)} of their time for ${nameOfCall(trace, example)}${from}`,
        most: isSlow ? 'medium' : 'low',
        reason: isSlow
          ? `the wait is measured (${msText(typical)} for a typical call); why it takes so long is not`
          : `${msText(typical)} for a typical call may be what such a call takes`,
        signals: [example.kind === 'query' ? 'slow-query' : 'slow-outbound', `per-request:${perRequest}`],
        detail: `${each.length} calls in ${byRequest.size} requests, ${perRequest} each; a typical one is waited for ${msText(typical)}`,
        ...(example.kind === 'query' ? QUERY_WORDS : {}),
      };
    },
  };
}

const QUERY_WORDS = {
  layer: 'data-access',
  confirm:
    'Look at the plan of the statement, and at what it waits for in the database, under the same load.',
} as const;
