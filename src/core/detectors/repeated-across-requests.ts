import type { TraceAnalysis, TracedRequest, TracedSpan } from '../trace/analyze.ts';
import { groupCalls, hasFailed, isControl, isReading, lostTo, spansOf } from './call-groups.ts';
import type { CallGroup, CallsByRequest } from './call-groups.ts';
import { detectWaits } from './detect-waits.ts';
import type { Wait } from './detect-waits.ts';
import { percent } from './finding.ts';
import { nameOfCall } from './waiting.ts';

/** Of the calls, answered as an earlier request was; below, a cache would mostly miss. */
const MIN_REPEATED = 0.5;
/** Of the repeats whose answer differed; above, what is asked for changes all the time. */
const MAX_DIFFERING = 0.1;
/** Inputs of other calls in the same requests, from which on the load is not one request sent over and over. */
const VARIED_INPUTS = 3;

/** Requests ask for what an earlier one asked for, and got the same answer: a cache could have had it. */
export const repeatedAcrossRequests = detectWaits({
  id: 'repeated-across-requests',
  title: 'Same work in many requests',
  layer: 'architecture',
  confirm:
    'Find out what changes the answer and how stale it may be; then send requests that vary as in production, and count how often the answer was known already.',
  find: (trace) => {
    const groups = groupCalls(
      trace,
      ['query', 'outbound', 'file', 'sync'],
      (call) =>
        !hasFailed(call) &&
        call.span.output !== undefined &&
        // Without parameters a statement asks always the same.
        (call.span.input !== undefined || call.span.kind === 'query') &&
        isReading(trace, call.span) &&
        !isControl(trace, call.span),
    );
    return groups.map((group) => findRepeated(trace, group, groups));
  },
});

function findRepeated(trace: TraceAnalysis, group: CallGroup, all: readonly CallGroup[]): Wait | null {
  const { repeats, calls, same, differing, inputs } = countRepeats(group);
  if (same < MIN_REPEATED * calls || differing > MAX_DIFFERING * (same + differing)) return null;
  return {
    lost: lostTo(repeats),
    calls: spansOf(group.byRequest),
    tell: ({ from }) => {
      const isVaried = isLoadVaried(group, all);
      return {
        title: `${nameOfCall(trace, group.example)}${from} gave in ${percent(same / calls)} of ${calls} calls what it had given to an earlier request`,
        most: isVaried ? 'medium' : 'low',
        reason: isVaried
          ? `the answer differed in ${percent(differing / Math.max(1, same + differing))} of the repeats; how long it stays right was not seen`
          : 'the load asks for the same things over and over, so that any answer repeats',
        signals: ['cacheable', `inputs:${inputs}`, ...(differing === 0 ? ['same-output'] : [])],
        detail: `${calls} calls with ${inputs} different inputs; ${same} times the same answer as before, ${differing} times another one`,
      };
    },
  };
}

interface Counts {
  readonly repeats: CallsByRequest;
  readonly calls: number;
  readonly same: number;
  readonly differing: number;
  readonly inputs: number;
}

function countRepeats(group: CallGroup): Counts {
  const answers = new Map<string, { readonly request: TracedRequest; readonly output: string | undefined }>();
  const repeats = new Map<TracedRequest, TracedSpan[]>();
  let calls = 0;
  let same = 0;
  let differing = 0;
  for (const [request, spans] of group.byRequest) {
    for (const call of spans) {
      calls += 1;
      const { input = '', output } = call.span;
      const before = answers.get(input);
      answers.set(input, { request: before?.request ?? request, output });
      // Within one request it is another finding.
      if (before === undefined || before.request === request) continue;
      if (before.output !== output) differing += 1;
      else {
        same += 1;
        const known = repeats.get(request);
        if (known === undefined) repeats.set(request, [call]);
        else known.push(call);
      }
    }
  }
  return { repeats, calls, same, differing, inputs: answers.size };
}

/** Whether other calls of the same requests were about different things: then the requests were not all the same one. */
function isLoadVaried(group: CallGroup, all: readonly CallGroup[]): boolean {
  return all.some((other) => {
    if (other.shape === group.shape) return false;
    const inputs = new Set<string>();
    for (const [request, calls] of other.byRequest) {
      if (!group.byRequest.has(request)) continue;
      const [first] = calls;
      if (first?.span.input !== undefined) inputs.add(first.span.input);
      if (inputs.size >= VARIED_INPUTS) return true;
    }
    return false;
  });
}
