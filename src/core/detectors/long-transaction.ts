import type { TraceAnalysis, TracedRequest, TracedSpan } from '../trace/analyze.ts';
import { joinStretches } from '../trace/thread-activity.ts';
import { median } from './call-groups.ts';
import { detectWaits } from './detect-waits.ts';
import type { Wait } from './detect-waits.ts';
import type { LostTime } from './share-of-requests.ts';
import { msText, nameOfCall } from './waiting.ts';

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
export const longTransaction = detectWaits({
  id: 'long-transaction',
  title: 'Transaction held open',
  layer: 'data-access',
  confirm:
    'Move what needs no transaction before BEGIN or after COMMIT: waits for the pool and for locks must fall, and the answers stay equal.',
  find: (trace) => [...groupByRoute(trace)].map(([route, seen]) => describeOpen(trace, route, seen)),
});

function groupByRoute(trace: TraceAnalysis): ReadonlyMap<string, readonly SeenTransaction[]> {
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
  return groups;
}

function describeOpen(trace: TraceAnalysis, route: string, seen: readonly SeenTransaction[]): Wait {
  const longest = seen.flatMap(({ meanwhile }) => meanwhile.slice(0, 1));
  const [cause] = longest;
  return {
    lost: addUp(seen),
    wouldGain: heldUp(trace),
    // Where it waits for a timer the statement before says whose transaction it is.
    calls: [
      ...longest.filter(({ span }) => span.kind !== 'timer'),
      ...seen.flatMap(({ beforePause }) => beforePause ?? []),
    ].map(({ span }) => span),
    tell: ({ from }) => {
      const begun = seen
        .flatMap(({ statements }) => statements.slice(0, 1))
        .map(({ span }) => trace.siteOf(span))
        .find((site) => site !== undefined);
      const idle = msText(median(seen.map(({ idleUs }) => idleUs)));
      const open = msText(median(seen.map(({ durationUs }) => durationUs)));
      return {
        title: `Transactions of ${route}${from} stay open ${idle} without a statement${cause === undefined ? '' : `, during ${nameOfCall(trace, cause.span)}`}`,
        most: cause === undefined ? 'medium' : 'high',
        reason:
          cause === undefined
            ? 'the idle time is measured; what the program did in it was not traced'
            : 'begin, end and what was done between are measured; how much others wait for it is not',
        signals: [
          'long-transaction',
          ...(cause === undefined ? [] : [`during:${cause.span.kind}`]),
          ...signalsOfHeld(trace, seen),
        ],
        detail: `${seen.length} transactions, open ${open} (median); ceilings count waits for the pool, and how much longer than usual their own statements take${begun === undefined ? '' : `; begun in ${begun.function} (${begun.shownFile}:${begun.line})`}`,
      };
    },
  };
}

/** Transactions that are looked at for what they hold; the others of a route run the same statements. */
const LOOKED_AT = 50;

/** For the join: what waits inside such a transaction waits for another one of its kind. */
function signalsOfHeld(trace: TraceAnalysis, seen: readonly SeenTransaction[]): readonly string[] {
  const statements = seen.slice(0, LOOKED_AT).flatMap((one) => one.statements);
  return [
    ...new Set(
      statements.flatMap(({ span }) => {
        const statement = trace.statementOf(span);
        return statement === undefined ? [] : [`holds:${statement.fingerprint}`];
      }),
    ),
  ];
}

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

function addUp(seen: readonly SeenTransaction[]): LostTime {
  const sums = new Map<TracedRequest, number>();
  for (const { request, idleUs } of seen) sums.set(request, (sums.get(request) ?? 0) + idleUs);
  return sums;
}

/**
 * Nobody waits less because of its own idle time, unless it goes; others do. What they could wait less: for a connection
 * that comes back sooner, and for locks, which show as statements in transactions that take longer than they usually do.
 */
function heldUp(trace: TraceAnalysis): LostTime {
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
