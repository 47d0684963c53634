import type { TraceAnalysis, TracedRequest, TracedSpan } from '../trace/analyze.ts';
import { joinStretches } from '../trace/thread-activity.ts';
import { median } from './call-groups.ts';
import type { Detector } from './detector.ts';
import {
  fromPlace,
  hasEnoughRequests,
  isWorthWaiting,
  judgeTrace,
  locateCalls,
  msText,
  nameOfCall,
  shareOfRequests,
  waitingCeilingsOf,
} from './waiting.ts';

/**
 * Of a transaction, without a statement running. Statements count as long as they usually take: while they wait for the
 * same lock in another transaction, a long one would look busy. Short ones are as idle by nature, hence also a time.
 */
const MIN_IDLE = 0.3;
const MIN_IDLE_US = 2000;

interface SeenTransaction {
  readonly request: TracedRequest;
  readonly statements: readonly TracedSpan[];
  readonly idleUs: number;
  readonly durationUs: number;
  /** What else the request did while it was open, longest first. */
  readonly meanwhile: readonly TracedSpan[];
  /** The statement after which nothing was asked for longest. */
  readonly beforePause: TracedSpan | undefined;
}

/** Transactions that stay open while the program does something else, with a connection and all their locks. */
export const longTransaction: Detector = {
  id: 'long-transaction',
  title: 'Transaction held open',
  names: 'wait',
  detect(input) {
    const { trace } = input;
    if (!hasEnoughRequests(trace)) return [];
    const groups = new Map<string, SeenTransaction[]>();
    for (const request of trace.requests) {
      for (const seen of findTransactions(request)) {
        const workUs = seen.statements.reduce(
          (sum, { span, startUs, endUs }) => sum + Math.min(endUs - startUs, trace.usualUs(span)),
          0,
        );
        if (seen.idleUs < MIN_IDLE * (seen.idleUs + workUs) || seen.idleUs < MIN_IDLE_US) continue;
        const key = seen.request.span.name;
        const group = groups.get(key);
        if (group === undefined) groups.set(key, [seen]);
        else group.push(seen);
      }
    }
    return [...groups].flatMap(([route, seen]) => {
      const idle = addUp(seen);
      const share = shareOfRequests(trace, idle);
      if (!isWorthWaiting(share)) return [];
      const longest = seen.flatMap(({ meanwhile }) => meanwhile.slice(0, 1));
      const [cause] = longest;
      const location = locateCalls(
        trace,
        [...longest, ...seen.flatMap(({ beforePause }) => beforePause ?? [])].map(({ span }) => span),
      );
      const begun = seen
        .flatMap(({ statements }) => statements.slice(0, 1))
        .map(({ span }) => trace.siteOf(span))
        .find((site) => site !== undefined);
      return [
        {
          kind: longTransaction.id,
          title: `Transactions of ${route}${fromPlace(location)} stay open ${msText(median(seen.map(({ idleUs }) => idleUs)))} without a statement${cause === undefined ? '' : `, during ${nameOfCall(trace, cause.span)}`}`,
          layer: 'data-access',
          location,
          share,
          ceilings: waitingCeilingsOf(input, trace, heldUp(trace)),
          confidence: judgeTrace(
            trace,
            cause === undefined ? 'medium' : 'high',
            cause === undefined
              ? 'the idle time is measured; what the program did in it was not traced'
              : 'begin, end and what was done between are measured; how much others wait for it is not',
          ),
          signals: [
            'long-transaction',
            ...(cause === undefined ? [] : [`during:${cause.span.kind}`]),
            // For the join: what waits inside such a transaction waits for another one of its kind.
            ...new Set(
              seen.slice(0, 50).flatMap(({ statements }) =>
                statements.flatMap(({ span }) => {
                  const statement = trace.statementOf(span);
                  return statement === undefined ? [] : [`holds:${statement.fingerprint}`];
                }),
              ),
            ),
          ],
          detail: `${seen.length} transactions, open ${msText(median(seen.map(({ durationUs }) => durationUs)))} (median); ceilings count waits for the pool, and how much longer than usual their own statements take${begun === undefined ? '' : `; begun in ${begun.function} (${begun.shownFile}:${begun.line})`}`,
          confirm:
            'Move what needs no transaction before BEGIN or after COMMIT: waits for the pool and for locks must fall, and the answers stay equal.',
        },
      ];
    });
  },
};

function findTransactions(request: TracedRequest): readonly SeenTransaction[] {
  const groups = new Map<string, TracedSpan[]>();
  for (const call of request.spans) {
    const { transaction, connection = '' } = call.span;
    if (transaction === undefined || call.background) continue;
    const key = `${connection} ${transaction}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [call]);
    else group.push(call);
  }
  return [...groups.values()].map((statements) => {
    const startUs = Math.min(...statements.map((one) => one.startUs));
    const endUs = Math.max(...statements.map((one) => one.endUs));
    const busyUs = joinStretches(statements).reduce((sum, one) => sum + one.endUs - one.startUs, 0);
    const inside = new Set(statements);
    const meanwhile = request.spans
      .filter(
        (call) =>
          !inside.has(call) &&
          call.parent === undefined &&
          call.span.kind !== 'internal' &&
          call.startUs >= startUs &&
          call.endUs <= endUs,
      )
      .sort((a, b) => b.endUs - b.startUs - (a.endUs - a.startUs));
    return {
      request,
      statements,
      durationUs: endUs - startUs,
      idleUs: endUs - startUs - busyUs,
      meanwhile,
      beforePause: findBeforePause(statements),
    };
  });
}

function findBeforePause(statements: readonly TracedSpan[]): TracedSpan | undefined {
  const sorted = [...statements].sort((a, b) => a.startUs - b.startUs);
  const pauseAfter = (at: number) => (sorted[at + 1]?.startUs ?? -Infinity) - (sorted[at]?.endUs ?? 0);
  const longest = sorted.reduce((best, _, at) => (pauseAfter(at) > pauseAfter(best) ? at : best), 0);
  return sorted[longest];
}

function addUp(seen: readonly SeenTransaction[]): Map<TracedRequest, number> {
  const sums = new Map<TracedRequest, number>();
  for (const { request, idleUs } of seen) sums.set(request, (sums.get(request) ?? 0) + idleUs);
  return sums;
}

/**
 * Nobody waits less because of its own idle time, unless it goes; others do. What they could wait less: for a connection
 * that comes back sooner, and for locks, which show as statements in transactions that take longer than they usually do.
 */
function heldUp(trace: TraceAnalysis): Map<TracedRequest, number> {
  return new Map(
    trace.requests.map((request) => {
      const late = request.spans.reduce((sum, { span, index }) => {
        if (span.transaction === undefined) return sum;
        return sum + Math.max(0, (request.waitedUs[index] ?? 0) - trace.usualUs(span));
      }, 0);
      return [request, Math.min(request.durationUs, request.parts['pool-wait'] + late)];
    }),
  );
}
