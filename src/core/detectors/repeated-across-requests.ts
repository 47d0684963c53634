import type { TraceAnalysis, TracedRequest, TracedSpan } from '../trace/analyze.ts';
import { groupCalls, hasFailed, isControl, isReading, lostTo, spansOf } from './call-groups.ts';
import type { CallGroup, CallsByRequest } from './call-groups.ts';
import { detectWaits } from './detect-waits.ts';
import type { Wait } from './detect-waits.ts';
import { percent } from './finding.ts';
import type { LostTime } from './share-of-requests.ts';
import { nameOfCall } from './waiting.ts';

/** Of the calls, answered as an earlier request was; below, a cache would mostly miss. */
const MIN_REPEATED = 0.5;
/** Of the repeats whose answer differed; above, what is asked for changes all the time. */
const MAX_DIFFERING = 0.1;
/** Inputs of other calls in the same requests, from which on the load is not one request sent over and over. */
const VARIED_INPUTS = 3;
/** Of the URLs of one place; a seventh is not as much of the time as a slow dependency has to be. */
const MOST_NAMED = 6;

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
    const repeated = groups.map((group) => ({ group, counts: countRepeats(group) })).filter(isRepeated);
    return foldByPlace(trace, repeated).map((folded) => describeRepeated(trace, folded, groups));
  },
});

interface Repeated {
  readonly group: CallGroup;
  readonly counts: Counts;
}

function isRepeated({ counts: { calls, same, differing } }: Repeated): boolean {
  return same >= MIN_REPEATED * calls && differing <= MAX_DIFFERING * (same + differing);
}

/**
 * Outbound calls of one place in the code together, those that take longest first: what stands for an id in a URL is not
 * always told from a name ("/countries/de"), and one cache there has them all. A place that others call on is as many as
 * its callers. Statements stay apart: each has its own plan and its own remedy.
 */
function foldByPlace(
  trace: TraceAnalysis,
  repeated: readonly Repeated[],
): readonly (readonly [Repeated, ...Repeated[]])[] {
  const folded = new Map<string, [Repeated, ...Repeated[]]>();
  const byWeight = [...repeated].sort((a, b) => weigh(b) - weigh(a));
  for (const one of byWeight) {
    const { example, shape } = one.group;
    const site = example.kind === 'outbound' ? trace.siteOf(example) : undefined;
    const place =
      site === undefined ? shape : JSON.stringify([site.file, site.line, site.column, site.callers]);
    const others = folded.get(place);
    if (others === undefined) folded.set(place, [one]);
    else others.push(one);
  }
  return [...folded.values()];
}

function weigh({ counts }: Repeated): number {
  return [...lostTo(counts.repeats).values()].reduce((sum, us) => sum + us, 0);
}

function describeRepeated(
  trace: TraceAnalysis,
  folded: readonly [Repeated, ...Repeated[]],
  all: readonly CallGroup[],
): Wait {
  const [{ group: heaviest }] = folded;
  const names = folded.map(({ group }) => nameOfCall(trace, group.example));
  const sum = (of: (counts: Counts) => number) => folded.reduce((total, { counts }) => total + of(counts), 0);
  return {
    lost: addLost(folded),
    calls: folded.flatMap(({ group }) => spansOf(group.byRequest)),
    tell: ({ from }) => {
      const isVaried = isLoadVaried(
        folded.map(({ group }) => group),
        all,
      );
      const [calls, same] = [sum((counts) => counts.calls), sum((counts) => counts.same)];
      const [differing, inputs] = [sum((counts) => counts.differing), sum((counts) => counts.inputs)];
      const others = names.length - 1;
      return {
        title: `${nameOfCall(trace, heaviest.example)}${others === 0 ? '' : ` and ${others} more ${others === 1 ? 'URL' : 'URLs'}`}${from} gave in ${percent(same / calls)} of ${calls} calls what ${others === 0 ? 'it' : 'they'} had given to an earlier request`,
        most: isVaried ? 'medium' : 'low',
        reason: isVaried
          ? `the answer differed in ${percent(differing / Math.max(1, same + differing))} of the repeats; how long it stays right was not seen`
          : 'the load asks for the same things over and over, so that any answer repeats',
        signals: [
          'cacheable',
          `inputs:${inputs}`,
          ...(differing === 0 ? ['same-output'] : []),
          ...(others === 0 ? [] : [`urls:${names.length}`]),
          ...folded.slice(1, MOST_NAMED).map(({ group }) => `call:${group.example.name}`),
        ],
        detail: [
          `${calls} calls with ${inputs} different inputs; ${same} times the same answer as before, ${differing} times another one`,
          ...(others === 0 ? [] : [`${names.length} URLs: ${listNames(names)}`]),
        ].join('\n'),
      };
    },
  };
}

/** Moments of a request are given to one call each, so that their sum counts none twice. */
function addLost(folded: readonly Repeated[]): LostTime {
  const lost = new Map<TracedRequest, number>();
  for (const { counts } of folded)
    for (const [request, us] of lostTo(counts.repeats)) lost.set(request, (lost.get(request) ?? 0) + us);
  return lost;
}

function listNames(names: readonly string[]): string {
  return `${names.slice(0, MOST_NAMED).join(', ')}${names.length > MOST_NAMED ? ', …' : ''}`;
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
function isLoadVaried(folded: readonly CallGroup[], all: readonly CallGroup[]): boolean {
  const requests = new Set(folded.flatMap(({ byRequest }) => [...byRequest.keys()]));
  return all.some((other) => {
    if (folded.includes(other)) return false;
    const inputs = new Set<string>();
    for (const [request, calls] of other.byRequest) {
      if (!requests.has(request)) continue;
      const [first] = calls;
      if (first?.span.input !== undefined) inputs.add(first.span.input);
      if (inputs.size >= VARIED_INPUTS) return true;
    }
    return false;
  });
}
