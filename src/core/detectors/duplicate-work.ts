import type { TraceAnalysis, TracedSpan } from '../trace/analyze.ts';
import {
  callsOf,
  groupCalls,
  hasFailed,
  isControl,
  isReading,
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

/** One request asks for the same thing more than once. */
export const duplicateWork = detectWaits({
  id: 'duplicate-work',
  title: 'Same query or call more than once in a request',
  layer: 'data-access',
  confirm:
    'Keep the first answer for the length of the request and count again: the calls must fall to one for each input, with equal answers.',
  find: (trace) =>
    groupCalls(
      trace,
      ['query', 'outbound', 'file', 'sync'],
      // A failed one that comes again is a retry.
      (call) =>
        call.span.input !== undefined &&
        !hasFailed(call) &&
        isReading(trace, call.span) &&
        !isControl(trace, call.span),
    ).map((group) => findRepeated(trace, group)),
});

function findRepeated(trace: TraceAnalysis, group: CallGroup): Wait {
  const repeats = pickCalls(group, findRepeats);
  return {
    lost: lostTo(repeats),
    calls: spansOf(pickCalls(group, (calls) => (findRepeats(calls).length === 0 ? [] : calls))),
    tell: ({ from }) => {
      const compared = callsOf(repeats).some(({ span }) => span.output !== undefined);
      const perRequest = countText(usualCount(repeats));
      return {
        title: `${nameOfCall(trace, group.example)}${from} is asked ${perRequest} times more than needed in one request, for the same input`,
        most: 'high',
        reason: `equal inputs in ${repeats.size} requests${compared ? ', with equal answers' : '; the answers were not compared'}`,
        signals: ['duplicate', `per-request:${perRequest}`, ...(compared ? ['same-output'] : [])],
        detail: `${percent(repeats.size / trace.requests.length)} of the requests repeat it`,
      };
    },
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
