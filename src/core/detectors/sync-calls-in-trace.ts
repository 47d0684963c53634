import type { TraceAnalysis, TracedRequest } from '../trace/analyze.ts';
import type { Span } from '../trace/model.ts';
import { groupCalls, median } from './call-groups.ts';
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
  msText,
  shareOfRequests,
  waitingCeilingsOf,
} from './waiting.ts';

/** What one kind of call that holds the thread is called in a trace. */
export interface SyncPattern {
  /** Of the function, as "fs.readFileSync". */
  readonly name: RegExp;
  /** What strategies match on. */
  readonly signalOf: (name: string) => string;
}

/**
 * A profile knows how much CPU goes to such calls under which function; a trace knows where they are made, how often in a
 * request, and how long they hold the thread when they wait for a disk. Where both saw the same place, the finding of
 * the profile gets what the trace adds; what only the trace saw gets a finding of its own.
 */
export function withSyncCallsOfTrace(detector: Detector, pattern: SyncPattern): Detector {
  return {
    ...detector,
    detect(input) {
      const byProfile = detector.detect(input);
      const { trace } = input;
      if (!hasEnoughRequests(trace)) return byProfile;
      const seen = joinPlaces(
        groupCalls(trace, ['sync'], ({ span }) => pattern.name.test(span.name)).map((group) =>
          readGroup(trace, group),
        ),
      );
      const matched = new Set<SeenCalls>();
      const enriched = byProfile.map((finding) => {
        const same = seen.filter((calls) => isSamePlace(finding, calls));
        for (const calls of same) matched.add(calls);
        return same.length === 0 ? finding : enrich(finding, same);
      });
      const others = seen.filter((calls) => !matched.has(calls));
      return [...enriched, ...others.flatMap((calls) => describe(detector, pattern, input, trace, calls))];
    },
  };
}

interface SeenCalls {
  /** The one that holds the thread longest. */
  readonly name: string;
  /** It and the others of the same place. */
  readonly names: readonly string[];
  readonly location: Finding['location'];
  /** Functions of the project above the call, as the trace names them. */
  readonly callers: readonly string[];
  readonly lost: ReadonlyMap<TracedRequest, number>;
  readonly perRequest: number;
  readonly heldUs: number;
}

function readGroup(trace: TraceAnalysis, group: CallGroup): SeenCalls {
  const calls = [...group.byRequest];
  const spans: readonly Span[] = calls.flatMap(([, list]) => list.map(({ span }) => span));
  const site = spans.map((span) => trace.siteOf(span)).find((known) => known !== undefined);
  return {
    name: group.example.name,
    names: [group.example.name],
    location: locateCalls(trace, spans),
    callers: site?.callers ?? [],
    lost: new Map(
      calls.map(([request, list]) => [
        request,
        list.reduce((sum, { index }) => sum + (request.waitedUs[index] ?? 0), 0),
      ]),
    ),
    perRequest: spans.length / Math.max(1, calls.length),
    heldUs: median(calls.flatMap(([, list]) => list.map(({ startUs, endUs }) => endUs - startUs))),
  };
}

/** Several calls of one function (is it there, how big, read it) are one thing to change: the heaviest speaks for them. */
function joinPlaces(seen: readonly SeenCalls[]): readonly SeenCalls[] {
  const places = new Map<string, SeenCalls>();
  for (const calls of [...seen].sort((a, b) => totalOf(b) - totalOf(a))) {
    const { function: name, file } = calls.location;
    const key = name === undefined ? calls.name : `${name} ${file ?? ''}`;
    const known = places.get(key);
    places.set(key, known === undefined ? calls : merge(known, calls));
  }
  return [...places.values()];
}

function merge(heavier: SeenCalls, other: SeenCalls): SeenCalls {
  const lost = new Map(heavier.lost);
  for (const [request, us] of other.lost) lost.set(request, (lost.get(request) ?? 0) + us);
  return { ...heavier, lost, names: [...heavier.names, ...other.names] };
}

function totalOf({ lost }: SeenCalls): number {
  return [...lost.values()].reduce((sum, us) => sum + us, 0);
}

/** The profile names a function that the call stands in, or that called the one it stands in. */
function isSamePlace({ location }: Finding, { location: site, callers }: SeenCalls): boolean {
  if (location.function === undefined || site.function === undefined) return false;
  return location.function === site.function
    ? location.file === site.file
    : callers.some((caller) => caller.startsWith(location.function ?? ' '));
}

function enrich(finding: Finding, seen: readonly SeenCalls[]): Finding {
  const where = seen.map(
    ({ name, location, perRequest, heldUs }) =>
      `${name}${fromPlace(location)}: ${countText(perRequest)} times per request, ${msText(heldUs)} each`,
  );
  return {
    ...finding,
    signals: [
      ...new Set([
        ...finding.signals,
        ...seen.flatMap(({ names, location, perRequest }) => [
          ...names.map((name) => `calls:${name}`),
          `per-request:${countText(perRequest)}`,
          ...(location.file === undefined ? [] : [`call-site:${location.file}:${location.line ?? 0}`]),
        ]),
      ]),
    ],
    confidence: {
      // That it is this call is no longer read from a name or a text: it was seen.
      level: finding.confidence.level === 'low' ? 'medium' : 'high',
      reason: `${finding.confidence.reason}; the trace saw the calls`,
    },
    detail: [finding.detail, ...where].filter((line) => line !== undefined).join('\n'),
  };
}

function describe(
  detector: Detector,
  { signalOf }: SyncPattern,
  input: DetectorInput,
  trace: TraceAnalysis,
  { name, names, location, lost, perRequest, heldUs }: SeenCalls,
): readonly Finding[] {
  const share = shareOfRequests(trace, lost);
  if (!isWorthWaiting(share)) return [];
  return [
    {
      kind: detector.id,
      title: `${names.slice(0, 3).join(', ')}${fromPlace(location)} ${names.length > 1 ? 'hold' : 'holds'} the thread for ${percent(share.value)} of the time of the requests`,
      layer: 'architecture',
      location,
      share,
      ceilings: waitingCeilingsOf(input, trace, lost),
      confidence: judgeTrace(
        trace,
        'high',
        `the calls were timed: ${name} ${countText(perRequest)} times per request, ${msText(heldUs)} each (median)`,
      ),
      signals: [
        signalOf(name),
        ...names.map((one) => `calls:${one}`),
        `per-request:${countText(perRequest)}`,
        ...(location.package === undefined ? [] : [`package:${location.package}`]),
      ],
      detail:
        'While it runs, every other request waits too; the share counts only the request that made the call.',
      confirm:
        'Replace the call by its asynchronous form, or its result by one that was kept: event-loop delay and tail latency must fall.',
    },
  ];
}
