import type { TraceAnalysis } from '../trace/analyze.ts';
import type { Span } from '../trace/model.ts';
import { callsOf, groupCalls, lostTo, median, spansOf } from './call-groups.ts';
import type { CallGroup, CallsByRequest } from './call-groups.ts';
import type { Finding } from './detector.ts';
import type { LostTime } from './share-of-requests.ts';
import { locateCalls } from './waiting.ts';

/** Calls that hold the thread, made in one function of the project. */
export interface HoldingCalls {
  /** What is called there, as "fs.readFileSync"; what holds the thread longest first. */
  readonly names: readonly string[];
  /** Of the first name. */
  readonly location: Finding['location'];
  /** Functions of the project above the call, as the trace names them. */
  readonly callers: readonly string[];
  readonly byRequest: CallsByRequest;
  /** Of the first name. */
  readonly heaviest: readonly Span[];
  readonly lost: LostTime;
  /** Of the first name, in requests that make any of the calls. */
  readonly perRequest: number;
  readonly heldUs: number;
}

/**
 * Several calls of one function (is it there, how big, read it) are one thing to change, and stand together.
 *
 * @param name of the calls that count
 */
export function seeHoldingCalls(trace: TraceAnalysis, name: RegExp): readonly HoldingCalls[] {
  const placeOf = (span: Span): string => {
    const site = trace.siteOf(span);
    return site === undefined ? span.name : `${site.function} ${site.file}`;
  };
  return groupCalls(trace, ['sync'], ({ span }) => name.test(span.name), placeOf).map((group) =>
    readGroup(trace, group),
  );
}

function readGroup(trace: TraceAnalysis, { byRequest }: CallGroup): HoldingCalls {
  const heldUs = new Map<string, number>();
  for (const { span, startUs, endUs } of callsOf(byRequest))
    heldUs.set(span.name, (heldUs.get(span.name) ?? 0) + endUs - startUs);
  const names = [...heldUs].sort(([, a], [, b]) => b - a).map(([name]) => name);
  const heaviest = spansOf(byRequest).filter(({ name }) => name === names[0]);
  const site = heaviest.map((span) => trace.siteOf(span)).find((known) => known !== undefined);
  return {
    names,
    location: locateCalls(trace, heaviest),
    callers: site?.callers ?? [],
    byRequest,
    heaviest,
    lost: lostTo(byRequest, (request, calls) =>
      calls.reduce((sum, { index }) => sum + (request.waitedUs[index] ?? 0), 0),
    ),
    perRequest: heaviest.length / Math.max(1, byRequest.size),
    heldUs: median(heaviest.map(({ startUs, endUs = startUs }) => endUs - startUs)),
  };
}
