import { lostUs } from '../trace/analyze.ts';
import type { TraceAnalysis, TracedSpan } from '../trace/analyze.ts';
import {
  callsOf,
  groupCalls,
  hasFailed,
  isControl,
  lostTo,
  pickCalls,
  spansOf,
  usualCount,
} from './call-groups.ts';
import type { CallGroup } from './call-groups.ts';
import { detectWaits } from './detect-waits.ts';
import type { Wait } from './detect-waits.ts';
import { percent } from './finding.ts';
import { countText, nameOfCall } from './waiting.ts';

/** The same call again after it failed, within one request: it takes time, and load where there already is too much. */
export const retryStorm = detectWaits({
  id: 'retry-storm',
  title: 'Failed calls repeated',
  layer: 'architecture',
  confirm:
    'Look at why the first try fails, in the log of the other side; with retries off, failures per request stay and the time of a failed request falls.',
  find: (trace) =>
    groupCalls(trace, ['query', 'outbound'], ({ span }) => !isControl(trace, span)).map((group) =>
      findRetried(trace, group),
    ),
});

function findRetried(trace: TraceAnalysis, group: CallGroup): Wait {
  const retries = pickCalls(group, (calls) => findRetries(calls).retries);
  return {
    lost: lostTo(retries, (request, list) => {
      const { pausesUs } = findRetries(group.byRequest.get(request) ?? []);
      // Between two tries it waits for a timer, or nothing is watched, unless something else is done meanwhile.
      const { timer, other } = request.parts;
      return lostUs(request, list) + Math.min(pausesUs, timer + other);
    }),
    calls: spansOf(retries),
    tell: ({ from }) => {
      const all = callsOf(group.byRequest);
      const failures = all.filter(hasFailed).length;
      const tries = countText(usualCount(retries));
      return {
        title: `${nameOfCall(trace, group.example)}${from} fails and is tried again ${tries} times in one request`,
        most: 'high',
        reason: `${failures} of ${all.length} calls failed; repeats followed in ${retries.size} requests`,
        signals: ['retries', `per-request:${tries}`],
        detail: `${percent(failures / all.length)} of the calls fail; the pauses between tries are counted as far as nothing else was done in them`,
      };
    },
  };
}

function findRetries(calls: readonly TracedSpan[]): {
  readonly retries: readonly TracedSpan[];
  readonly pausesUs: number;
} {
  const failed = new Map<string, TracedSpan>();
  const retries: TracedSpan[] = [];
  let pausesUs = 0;
  for (const call of [...calls].sort((a, b) => a.startUs - b.startUs)) {
    const key = call.span.input ?? '';
    const before = failed.get(key);
    if (before !== undefined && before.endUs <= call.startUs) {
      retries.push(call);
      pausesUs += call.startUs - before.endUs;
    }
    if (hasFailed(call)) failed.set(key, call);
    else failed.delete(key);
  }
  return { retries, pausesUs };
}
