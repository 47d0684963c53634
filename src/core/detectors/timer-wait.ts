import type { TraceAnalysis } from '../trace/analyze.ts';
import { groupCalls, lostTo, spansOf, usualCount } from './call-groups.ts';
import type { CallGroup } from './call-groups.ts';
import { detectWaits } from './detect-waits.ts';
import type { Wait } from './detect-waits.ts';
import { percent } from './finding.ts';
import { nameRequests } from './share-of-requests.ts';
import { countText } from './waiting.ts';

/** Requests that wait for a timer and nothing else: a pause, polling, the backoff of a retry. */
export const timerWait = detectWaits({
  id: 'timer-wait',
  title: 'Waiting for a timer',
  layer: 'architecture',
  confirm:
    'Set the delay to 0 under the same load: if the answers stay right and latency falls, nothing needed the pause.',
  find: (trace) =>
    groupCalls(
      trace,
      ['timer'],
      () => true,
      // A backoff waits longer each time, from one place.
      (span) => {
        const site = trace.siteOf(span);
        return site === undefined ? span.name : `${site.file}:${site.line}:${site.column}`;
      },
    ).map((group) => describeTimer(trace, group)),
});

function describeTimer(trace: TraceAnalysis, { byRequest, example }: CallGroup): Wait {
  return {
    lost: lostTo(byRequest),
    calls: spansOf(byRequest),
    tell: ({ share, from }) => {
      const each = countText(usualCount(byRequest));
      return {
        title: `${nameRequests(share)} wait ${percent(share.value)} of their time for a timer (${example.name})${from}`,
        most: 'high',
        reason: 'nothing else that is watched was waited for meanwhile',
        signals: ['timer', `per-request:${each}`],
        detail: `${percent(byRequest.size / trace.requests.length)} of the requests wait so, ${each} time(s) each`,
      };
    },
  };
}
