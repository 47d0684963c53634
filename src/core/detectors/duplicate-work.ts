import { lostUs } from '../trace/analyze.ts';
import type { TraceAnalysis, TracedRequest, TracedSpan } from '../trace/analyze.ts';
import { groupCalls, hasFailed, isControl, isReading, median } from './call-groups.ts';
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

/** One request asks for the same thing more than once. */
export const duplicateWork: Detector = {
  id: 'duplicate-work',
  title: 'Same query or call more than once in a request',
  names: 'wait',
  detect(input) {
    const { trace } = input;
    if (!hasEnoughRequests(trace)) return [];
    const groups = groupCalls(
      trace,
      ['query', 'outbound', 'file', 'sync'],
      // A failed one that comes again is a retry.
      (call) =>
        call.span.input !== undefined &&
        !hasFailed(call) &&
        isReading(trace, call.span) &&
        !isControl(trace, call.span),
    );
    return groups.flatMap((group) => {
      const finding = describe(input, trace, group);
      return finding === null ? [] : [finding];
    });
  },
};

function describe(input: DetectorInput, trace: TraceAnalysis, group: CallGroup): Finding | null {
  const repeats = [...group.byRequest].flatMap(([request, calls]) => {
    const again = findRepeats(calls);
    return again.length === 0 ? [] : [{ request, calls, again }];
  });
  const lost = new Map<TracedRequest, number>(
    repeats.map(({ request, again }) => [request, lostUs(request, again)]),
  );
  const share = shareOfRequests(trace, lost);
  if (!isWorthWaiting(share)) return null;
  const perRequest = median(repeats.map(({ again }) => again.length));
  const location = locateCalls(
    trace,
    repeats.flatMap(({ calls }) => calls.map(({ span }) => span)),
  );
  const compared = repeats.some(({ again }) => again.some(({ span }) => span.output !== undefined));
  return {
    kind: duplicateWork.id,
    title: `${nameOfCall(trace, group.example)}${fromPlace(location)} is asked ${countText(perRequest)} times more than needed in one request, for the same input`,
    layer: 'data-access',
    location,
    share,
    ceilings: waitingCeilingsOf(input, trace, lost),
    confidence: judgeTrace(
      trace,
      'high',
      `equal inputs in ${repeats.length} requests${compared ? ', with equal answers' : '; the answers were not compared'}`,
    ),
    signals: ['duplicate', `per-request:${countText(perRequest)}`, ...(compared ? ['same-output'] : [])],
    detail: `${percent(repeats.length / trace.requests.length)} of the requests repeat it`,
    confirm:
      'Keep the first answer for the length of the request and count again: the calls must fall to one for each input, with equal answers.',
  };
}

/** Calls whose input was seen before in the request, unless the answer was another one: then something had changed. */
function findRepeats(calls: readonly TracedSpan[]): readonly TracedSpan[] {
  const seen = new Map<string, string | undefined>();
  return [...calls]
    .sort((a, b) => a.startUs - b.startUs)
    .filter(({ span: { input, output } }) => {
      if (input === undefined) return false;
      const isRepeat = seen.has(input);
      const before = seen.get(input);
      seen.set(input, output);
      return isRepeat && (before === undefined || output === undefined || before === output);
    });
}
