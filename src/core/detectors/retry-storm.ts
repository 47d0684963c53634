import { lostUs } from '../trace/analyze.ts';
import type { TraceAnalysis, TracedRequest, TracedSpan } from '../trace/analyze.ts';
import { groupCalls, hasFailed, isControl, median } from './call-groups.ts';
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

/** The same call again after it failed, within one request: it takes time, and load where there already is too much. */
export const retryStorm: Detector = {
  id: 'retry-storm',
  title: 'Failed calls repeated',
  names: 'wait',
  detect(input) {
    const { trace } = input;
    if (!hasEnoughRequests(trace)) return [];
    return groupCalls(trace, ['query', 'outbound'], ({ span }) => !isControl(trace, span)).flatMap(
      (group) => {
        const finding = describe(input, trace, group);
        return finding === null ? [] : [finding];
      },
    );
  },
};

function describe(input: DetectorInput, trace: TraceAnalysis, group: CallGroup): Finding | null {
  const retried = [...group.byRequest].flatMap(([request, calls]) => {
    const found = findRetries(calls);
    return found.retries.length === 0 ? [] : [{ request, ...found }];
  });
  const lost = new Map<TracedRequest, number>(
    retried.map(({ request, retries, pausesUs }) => [
      request,
      // Between two tries nothing is watched, unless something else is done meanwhile.
      lostUs(request, retries) + Math.min(pausesUs, request.parts.other),
    ]),
  );
  const share = shareOfRequests(trace, lost);
  if (!isWorthWaiting(share)) return null;
  const tries = median(retried.map(({ retries }) => retries.length));
  const failures = [...group.byRequest.values()].flat().filter(hasFailed).length;
  const all = [...group.byRequest.values()].reduce((sum, list) => sum + list.length, 0);
  const location = locateCalls(
    trace,
    retried.flatMap(({ retries }) => retries.map(({ span }) => span)),
  );
  return {
    kind: retryStorm.id,
    title: `${nameOfCall(trace, group.example)}${fromPlace(location)} fails and is tried again ${countText(tries)} times in one request`,
    layer: 'architecture',
    location,
    share,
    ceilings: waitingCeilingsOf(input, trace, lost),
    confidence: judgeTrace(
      trace,
      'high',
      `${failures} of ${all} calls failed; repeats followed in ${retried.length} requests`,
    ),
    signals: ['retries', `per-request:${countText(tries)}`],
    detail: `${percent(failures / all)} of the calls fail; the pauses between tries are counted as far as nothing else was done in them`,
    confirm:
      'Look at why the first try fails, in the log of the other side; with retries off, failures per request stay and the time of a failed request falls.',
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
