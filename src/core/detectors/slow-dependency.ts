import type { TracedRequest } from '../trace/analyze.ts';
import { groupCalls, isControl, median } from './call-groups.ts';
import type { Detector } from './detector.ts';
import { percent } from './finding.ts';
import {
  countText,
  fromPlace,
  hasEnoughRequests,
  isWorthWaiting,
  judgeTrace,
  locateCalls,
  msText,
  nameOfCall,
  shareOfRequests,
  waitingCeilingsOf,
} from './waiting.ts';

/** Most services spend most of a request waiting for something; less than this of it is nothing to start with. */
const DEPENDENCY_THRESHOLD = 0.15;
/** Faster is what a call over a network takes by itself; a person waiting notices ten times as much. In us. */
const USUAL_CALL_US = 2000;
const SLOW_CALL_US = 10_000;

/** One statement or outbound call that requests mostly wait for. Why it is slow is for other evidence to say. */
export const slowDependency: Detector = {
  id: 'slow-dependency',
  title: 'Slow dependency',
  names: 'wait',
  detect(input) {
    const { trace } = input;
    if (!hasEnoughRequests(trace)) return [];
    return groupCalls(trace, ['query', 'outbound'], ({ span }) => !isControl(trace, span)).flatMap(
      (group) => {
        const calls = [...group.byRequest];
        const waitedOf = (request: TracedRequest, index: number) => request.waitedUs[index] ?? 0;
        const lost = new Map<TracedRequest, number>(
          calls.map(([request, list]) => [
            request,
            list.reduce((sum, { index }) => sum + waitedOf(request, index), 0),
          ]),
        );
        const share = shareOfRequests(trace, lost);
        if (!isWorthWaiting(share, DEPENDENCY_THRESHOLD)) return [];
        // What it was waited for, and not how long it took: an answer that lay there says nothing of who gave it.
        const each = calls.flatMap(([request, list]) => list.map(({ index }) => waitedOf(request, index)));
        const typical = median(each);
        if (typical < USUAL_CALL_US) return [];
        const perRequest = each.length / calls.length;
        const location = locateCalls(
          trace,
          calls.flatMap(([, list]) => list.map(({ span }) => span)),
        );
        const isQuery = group.example.kind === 'query';
        return [
          {
            kind: slowDependency.id,
            title: `Requests wait ${percent(share.value)} of their time for ${nameOfCall(trace, group.example)}${fromPlace(location)}`,
            layer: isQuery ? 'data-access' : 'architecture',
            location,
            share,
            ceilings: waitingCeilingsOf(input, trace, lost),
            confidence: judgeTrace(
              trace,
              typical >= SLOW_CALL_US ? 'medium' : 'low',
              typical >= SLOW_CALL_US
                ? `the wait is measured (${msText(typical)} for a typical call); why it takes so long is not`
                : `${msText(typical)} for a typical call may be what such a call takes`,
            ),
            signals: [isQuery ? 'slow-query' : 'slow-outbound', `per-request:${countText(perRequest)}`],
            detail: `${each.length} calls in ${calls.length} requests, ${countText(perRequest)} each; a typical one is waited for ${msText(typical)}`,
            confirm: isQuery
              ? 'Look at the plan of the statement, and at what it waits for in the database, under the same load.'
              : 'Measure the other side alone: as slow there, the cause is there; faster, look at connections and at how many calls go out at once.',
          },
        ];
      },
    );
  },
};
