import { lostUs } from '../trace/analyze.ts';
import type { TraceAnalysis, TracedRequest, TracedSpan } from '../trace/analyze.ts';
import { groupCalls, hasFailed, isControl, isReading } from './call-groups.ts';
import type { CallGroup } from './call-groups.ts';
import type { Detector, DetectorInput, Finding } from './detector.ts';
import { percent } from './finding.ts';
import {
  fromPlace,
  hasEnoughRequests,
  isWorthWaiting,
  judgeTrace,
  locateCalls,
  nameOfCall,
  shareOfRequests,
  waitingCeilingsOf,
} from './waiting.ts';

/** Of the calls, answered as an earlier request was; below, a cache would mostly miss. */
const MIN_REPEATED = 0.5;
/** Of the repeats whose answer differed; above, what is asked for changes all the time. */
const MAX_DIFFERING = 0.1;
/** Inputs of other calls in the same requests, from which on the load is not one request sent over and over. */
const VARIED_INPUTS = 3;

/** Requests ask for what an earlier one asked for, and got the same answer: a cache could have had it. */
export const repeatedAcrossRequests: Detector = {
  id: 'repeated-across-requests',
  title: 'Same work in many requests',
  names: 'wait',
  detect(input) {
    const { trace } = input;
    if (!hasEnoughRequests(trace)) return [];
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
    return groups.flatMap((group) => {
      const finding = describe(input, trace, group, groups);
      return finding === null ? [] : [finding];
    });
  },
};

interface Counts {
  readonly repeats: ReadonlyMap<TracedRequest, readonly TracedSpan[]>;
  readonly calls: number;
  readonly same: number;
  readonly differing: number;
  readonly inputs: number;
}

function describe(
  input: DetectorInput,
  trace: TraceAnalysis,
  group: CallGroup,
  all: readonly CallGroup[],
): Finding | null {
  const counts = countRepeats(group);
  const { repeats, calls, same, differing, inputs } = counts;
  if (same < MIN_REPEATED * calls || differing > MAX_DIFFERING * (same + differing)) return null;
  const lost = new Map<TracedRequest, number>(
    [...repeats].map(([request, spans]) => [request, lostUs(request, spans)]),
  );
  const share = shareOfRequests(trace, lost);
  if (!isWorthWaiting(share)) return null;
  const location = locateCalls(trace, firstSpans(group));
  const isVaried = isLoadVaried(group, all);
  return {
    kind: repeatedAcrossRequests.id,
    title: `${nameOfCall(trace, group.example)}${fromPlace(location)} gave in ${percent(same / calls)} of ${calls} calls what it had given to an earlier request`,
    layer: 'architecture',
    location,
    share,
    ceilings: waitingCeilingsOf(input, trace, lost),
    confidence: judgeTrace(
      trace,
      isVaried ? 'medium' : 'low',
      isVaried
        ? `the answer differed in ${percent(differing / Math.max(1, same + differing))} of the repeats; how long it stays right was not seen`
        : 'the load asks for the same things over and over, so that any answer repeats',
    ),
    signals: ['cacheable', `inputs:${inputs}`, ...(differing === 0 ? ['same-output'] : [])],
    detail: `${calls} calls with ${inputs} different inputs; ${same} times the same answer as before, ${differing} times another one`,
    confirm:
      'Find out what changes the answer and how stale it may be; then send requests that vary as in production, and count how often the answer was known already.',
  };
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

function* firstSpans({ byRequest }: CallGroup) {
  for (const calls of byRequest.values()) for (const { span } of calls) yield span;
}
