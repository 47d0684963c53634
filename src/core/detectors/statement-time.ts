import type { StatementShare } from '../database/model.ts';
import type { Location } from '../model/evidence.ts';
import type { TracedRequest, TracedSpan } from '../trace/analyze.ts';
import type { Statement } from '../trace/model.ts';
import { computeWaitingCeilings } from './ceiling.ts';
import { callsOf, groupCalls, lostTo, spansOf } from './call-groups.ts';
import { SHARE_OF_REQUEST_TIME } from './detector.ts';
import type { DetectorInput, Finding } from './detector.ts';
import { isWorthWaiting, ratioOf, shareOfRequests } from './share-of-requests.ts';
import { locateCalls } from './waiting.ts';

/** Requests that a share of their time rests on, for it to be believed. */
export const MANY_REQUESTS = 50;

/** What a statement that the database told of is to the requests that ask for it. */
export interface StatementTime {
  readonly share: Finding['share'];
  readonly ceilings: Finding['ceilings'];
  /** Where the program asks for it, as far as the trace knows. */
  readonly location: Location;
  /** Executions in a request, on average over all requests. */
  readonly perRequest: number;
}

interface Told {
  readonly fingerprint: string;
  readonly text: string;
  readonly share: StatementShare | null;
}

/**
 * Null where no traced request asked for it.
 *
 * @param partOf what of its time counts, [0, 1]
 */
export function measureStatement(
  input: DetectorInput,
  told: Told,
  partOf: (statement: Statement) => number = () => 1,
): StatementTime | null {
  const { trace, metrics } = input;
  const { fingerprint, text } = told;
  const [group] =
    trace === undefined
      ? []
      : groupCalls(
          trace,
          ['query'],
          ({ span }) => trace.statementOf(span)?.fingerprint === fingerprint,
          () => fingerprint,
        );
  const statement = group && trace?.statementOf(group.example);
  if (trace === undefined || group === undefined || statement === undefined) return fromFacts(told);
  const part = partOf(statement);
  const lost = lostTo(group.byRequest, (request, calls) => part * waitedUs(request, calls));
  return {
    share: shareOfRequests(trace, lost, metrics),
    ceilings: [
      ...computeWaitingCeilings(
        (percentile) => ratioOf(percentile === undefined ? trace.requests : trace.at(percentile), lost),
        metrics,
      ),
    ],
    location: { ...locateCalls(trace, spansOf(group.byRequest)), statement: text, fingerprint },
    perRequest: callsOf(group.byRequest).length / trace.requests.length,
  };
}

function waitedUs(request: TracedRequest, calls: readonly TracedSpan[]): number {
  return calls.reduce((sum, { index }) => sum + (request.waitedUs[index] ?? 0), 0);
}

/** Facts of a database whose trace is not at hand know what the statement took of all requests. */
function fromFacts({ fingerprint, text, share }: Told): StatementTime | null {
  if (share === null) return null;
  const { value, interval, requests, perRequest } = share;
  return {
    share: { value, interval: [...interval], of: SHARE_OF_REQUEST_TIME, n: requests },
    ceilings: [...computeWaitingCeilings((percentile) => (percentile === undefined ? share : undefined), [])],
    location: { statement: text, fingerprint },
    perRequest,
  };
}

export function takesTime(time: StatementTime | null): time is StatementTime {
  return time !== null && isWorthWaiting(time.share);
}
