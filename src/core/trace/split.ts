import type { Span, Statement } from './model.ts';
import type { RequestTree, TracedSpan } from './request-tree.ts';
import { busySince, cutStretches, intersectStretches, joinStretches } from './thread-activity.ts';
import type { Stretch, ThreadActivity } from './thread-activity.ts';

/** Where the time of a request goes. `other`: nothing that was watched. */
export const SPLIT_PARTS = [
  'cpu',
  'gc',
  'queueing',
  'database',
  'outbound',
  'pool-wait',
  'lock-wait',
  'timer',
  'file',
  'other',
] as const;
export type SplitPart = (typeof SPLIT_PARTS)[number];

/** Shares of the time of the requests it was taken over; they add up to 1. */
export interface TimeSplit {
  readonly requests: number;
  readonly meanMs: number;
  readonly shares: Readonly<Record<SplitPart, number>>;
}

/** Where the time of one request went, each microsecond given once. */
export interface RequestTime {
  /** In microseconds; they add up to the duration of the request. */
  readonly parts: Readonly<Record<SplitPart, number>>;
  /** By index of its spans: what of the request's time was spent waiting for this one and for no later one. */
  readonly waitedUs: Float64Array;
  /** By index of its spans: how long its answer probably lay there while the thread did something else. */
  readonly queuedUs: Float64Array;
}

/** What the split of one request needs of everything else that went on. */
export interface Surroundings {
  readonly activity: readonly ThreadActivity[];
  readonly statements: readonly Statement[];
  /** How long such a call takes when nothing is in its way, in microseconds. */
  readonly usualUs: (span: Span) => number;
}

/**
 * Each moment of a request goes to the first of these that holds: its code ran (garbage collection in it apart, calls that
 * held the thread by what they did); it waited for something; the thread collected garbage; the thread was busy with other
 * requests (`queueing`); `other`.
 *
 * Of several waits at once only one counts: of a span and what it waited for itself, the inner one, and of parallel ones
 * the one that ends last, since the others being faster would not have helped. That is the critical path (as CRISP
 * of Uber takes it), but without its cut of partly overlapping siblings.
 *
 * An answer that arrives while the thread is busy is seen only afterwards. The end of a wait during which the thread was
 * busy without a pause is therefore queueing, as far as the call took longer than it usually does.
 */
export function splitRequest(
  tree: RequestTree,
  runs: readonly Stretch[],
  surroundings: Surroundings,
): RequestTime {
  const { span, spans } = tree;
  const from = span.startUs;
  const to = Math.max(from, span.endUs ?? from);
  const activity = surroundings.activity[span.thread];
  const ownRuns = cutStretches(joinStretches(runs), from, to);
  const collections = activity === undefined ? [] : cutStretches(activity.collections, from, to);
  const busy = activity === undefined ? [] : cutStretches(activity.busy, from, to);
  const claims: Claim[] = [];
  const claim = (part: SplitPart, stretches: readonly Stretch[], index = -1) => {
    for (const { startUs, endUs } of stretches) {
      const start = Math.max(from, startUs);
      const end = Math.min(to, endUs);
      if (end > start) claims.push({ startUs: start, endUs: end, part, index });
    }
  };
  claim('gc', intersectStretches(ownRuns, collections));
  const waits: TracedSpan[] = [];
  for (const traced of spans) {
    if (traced.background) continue;
    const held = partOfHeldThread(traced.span, surroundings.statements);
    if (held !== undefined) claim(held, [traced], traced.index);
    else if (partOfWait(traced) !== undefined) waits.push(traced);
  }
  claim('cpu', ownRuns);
  const inner = findInnerWaits(waits);
  for (const wait of waits.sort(byWeight)) {
    const part = partOfWait(wait);
    if (part === undefined) continue;
    const seenUs = answeredUs(wait.span, wait, surroundings);
    for (const { startUs, endUs } of without(wait, inner.get(wait) ?? [])) {
      claim(part, [{ startUs, endUs: Math.min(endUs, seenUs) }], wait.index);
      claim('queueing', [{ startUs: Math.max(startUs, seenUs), endUs }], wait.index);
    }
  }
  claim('gc', collections);
  claim('queueing', busy);
  claim('other', [{ startUs: from, endUs: to }]);
  return tellLocks(paint(claims, spans.length), waits, surroundings.statements);
}

/** A trace sees when a statement was answered and not what it waited for; where the database was watched, its part is known. */
function tellLocks(
  time: RequestTime,
  waits: readonly TracedSpan[],
  statements: readonly Statement[],
): RequestTime {
  const lockedUs = waits.reduce((sum, { span: { statement }, index }) => {
    const { lockShare = 0 } = (statement === undefined ? undefined : statements[statement]) ?? {};
    return sum + lockShare * (time.waitedUs[index] ?? 0);
  }, 0);
  if (lockedUs <= 0) return time;
  const { database, 'lock-wait': locked } = time.parts;
  const moved = Math.min(database, lockedUs);
  return { ...time, parts: { ...time.parts, database: database - moved, 'lock-wait': locked + moved } };
}

/** The one that ended last first; timers after all others, since a limit or a poll beside a call is not what is waited for. */
function byWeight(a: TracedSpan, b: TracedSpan): number {
  const timersLast = Number(a.span.kind === 'timer') - Number(b.span.kind === 'timer');
  return timersLast || b.endUs - a.endUs || b.startUs - a.startUs;
}

interface Claim extends Stretch {
  readonly part: SplitPart;
  /** Of the span that it is for; -1: none. */
  readonly index: number;
}

/** Gives each moment to the first claim that covers it. Near linear: moments taken are jumped over. */
function paint(claims: readonly Claim[], spans: number): RequestTime {
  const parts = emptyParts();
  const waitedUs = new Float64Array(spans);
  const queuedUs = new Float64Array(spans);
  const bounds = new Float64Array(2 * claims.length);
  for (const [at, { startUs, endUs }] of claims.entries()) {
    bounds[2 * at] = startUs;
    bounds[2 * at + 1] = endUs;
  }
  bounds.sort();
  const cells = countDistinct(bounds);
  const next = new Int32Array(cells + 1);
  for (let cell = 0; cell <= cells; cell++) next[cell] = cell;
  for (const { startUs, endUs, part, index } of claims) {
    const end = cellAt(bounds, cells, endUs);
    for (let cell = free(next, cellAt(bounds, cells, startUs)); cell < end; cell = free(next, cell)) {
      next[cell] = cell + 1;
      const width = (bounds[cell + 1] ?? 0) - (bounds[cell] ?? 0);
      parts[part] += width;
      if (index < 0) continue;
      const given = part === 'queueing' ? queuedUs : waitedUs;
      given[index] = (given[index] ?? 0) + width;
    }
  }
  return { parts, waitedUs, queuedUs };
}

/** Moves distinct values to the front; returns how many there are. */
function countDistinct(sorted: Float64Array): number {
  let count = 0;
  for (const value of sorted) {
    if (count === 0 || value !== sorted[count - 1]) sorted[count++] = value;
  }
  return count;
}

function cellAt(bounds: Float64Array, count: number, timeUs: number): number {
  let low = 0;
  let high = count - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((bounds[middle] ?? 0) < timeUs) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The first cell from here on that nobody took; shortens the way for the next one (disjoint sets by halving). */
function free(next: Int32Array, cell: number): number {
  let at = cell;
  for (;;) {
    const step = next[at] ?? at;
    if (step === at) return at;
    const further = next[step] ?? step;
    next[at] = further;
    at = further;
  }
}

export function emptyParts(): Record<SplitPart, number> {
  return {
    cpu: 0,
    gc: 0,
    queueing: 0,
    database: 0,
    outbound: 0,
    'pool-wait': 0,
    'lock-wait': 0,
    timer: 0,
    file: 0,
    other: 0,
  };
}

/** What holds the thread is no wait, although the tracer times it as a call. */
function partOfHeldThread(span: Span, statements: readonly Statement[]): SplitPart | undefined {
  if (span.kind === 'query') {
    const engine = span.statement === undefined ? undefined : statements[span.statement]?.engine;
    return engine === 'sqlite' ? 'database' : undefined;
  }
  if (span.kind !== 'sync') return undefined;
  if (/^(?:node:)?(?:fs|child_process)\./.test(span.name)) return 'file';
  if (/sqlite|database|statement/i.test(span.name)) return 'database';
  if (/^Atomics\.wait/.test(span.name)) return 'lock-wait';
  return 'cpu';
}

/** As connect spans begin: "postgres 127.0.0.1:5432". */
const DATABASE_ENGINE = /^(?:connect )?(?:postgres|mysql|mariadb|redis|mongodb|sqlite|mssql|oracle)/i;

/**
 * `file` is libuv's thread pool: files, and crypto and compression in it. Looking up a host and connecting belong to what
 * they are for. Another request inside this one (a second service) is no wait of its own: its caller waits for it.
 */
export function partOfWait({ span, parent }: TracedSpan): SplitPart | undefined {
  switch (span.kind) {
    case 'query':
      return 'database';
    case 'outbound':
      return 'outbound';
    case 'connect':
    case 'dns':
      for (let at = parent; at !== undefined; at = at.parent) {
        if (at.span.kind === 'query') return 'database';
        if (at.span.kind === 'pool-wait') return 'pool-wait';
        if (at.span.kind === 'outbound') return 'outbound';
      }
      return DATABASE_ENGINE.test(span.name) ? 'database' : 'outbound';
    case 'pool-wait':
      return 'pool-wait';
    case 'timer':
      return 'timer';
    case 'file':
    case 'task':
      return 'file';
    case 'request':
    case 'internal':
    case 'sync':
      return undefined;
  }
}

/** By wait, the waits right below it, whatever stands between. */
function findInnerWaits(waits: readonly TracedSpan[]): ReadonlyMap<TracedSpan, readonly TracedSpan[]> {
  const all = new Set(waits);
  const inner = new Map<TracedSpan, TracedSpan[]>();
  for (const wait of waits) {
    let above = wait.parent;
    while (above !== undefined && !all.has(above)) above = above.parent;
    if (above === undefined) continue;
    const list = inner.get(above);
    if (list === undefined) inner.set(above, [wait]);
    else list.push(wait);
  }
  return inner;
}

function without({ startUs, endUs }: Stretch, inner: readonly Stretch[]): readonly Stretch[] {
  const rest: Stretch[] = [];
  let at = startUs;
  for (const hole of joinStretches(inner)) {
    if (hole.startUs > at) rest.push({ startUs: at, endUs: Math.min(endUs, hole.startUs) });
    at = Math.max(at, hole.endUs);
  }
  if (endUs > at) rest.push({ startUs: at, endUs });
  return rest;
}

/** When the answer was probably there: not before the thread became busy for the last time, nor sooner than usual. */
export function answeredUs(
  span: Span,
  { startUs, endUs }: Stretch,
  { activity, usualUs }: Pick<Surroundings, 'activity' | 'usualUs'>,
): number {
  const thread = activity[span.thread];
  // A connection of a pool comes free by work of this thread: being busy and having none are one thing.
  if (thread === undefined || span.kind === 'pool-wait') return endUs;
  const since = busySince(thread, endUs);
  if (since === undefined) return endUs;
  return Math.min(endUs, Math.max(since, startUs + usualUs(span)));
}
