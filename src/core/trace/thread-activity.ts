import type { Collection, Run, Trace } from './model.ts';

/** A stretch of time, in microseconds since the trace began. */
export interface Stretch {
  readonly startUs: number;
  readonly endUs: number;
}

/** When one thread had no time for anything else. Both lists are in order and don't overlap within themselves. */
export interface ThreadActivity {
  /** It ran JavaScript for some request, or collected garbage. */
  readonly busy: readonly Stretch[];
  readonly collections: readonly Stretch[];
}

/**
 * Between two callbacks the loop itself works (parsing, polling, its own queues) without a request to its name. Pauses
 * shorter than this are part of the stretch around them. A turn of an idle loop takes about 10 us on the reference
 * machine, a busy one several times that.
 */
const SAME_STRETCH_US = 50;

export function readActivity({ runs, collections, threads }: Trace): readonly ThreadActivity[] {
  const ofThread = threads.map(() => ({ runs: [] as Run[], collections: [] as Collection[] }));
  for (const run of runs) ofThread[run.thread]?.runs.push(run);
  for (const collection of collections) ofThread[collection.thread]?.collections.push(collection);
  return ofThread.map((thread) => ({
    busy: joinStretches([...thread.runs, ...thread.collections], SAME_STRETCH_US),
    collections: joinStretches(thread.collections),
  }));
}

/** In order, with overlaps and pauses up to `pauseUs` closed. */
export function joinStretches(stretches: readonly Stretch[], pauseUs = 0): readonly Stretch[] {
  const joined: { startUs: number; endUs: number }[] = [];
  let last: { startUs: number; endUs: number } | undefined;
  for (const { startUs, endUs } of [...stretches].sort((a, b) => a.startUs - b.startUs)) {
    if (!(endUs > startUs)) continue;
    if (last !== undefined && startUs <= last.endUs + pauseUs) last.endUs = Math.max(last.endUs, endUs);
    else joined.push((last = { startUs, endUs }));
  }
  return joined;
}

/** The parts of `stretches` (in order, without overlaps) between two times. */
export function cutStretches(
  stretches: readonly Stretch[],
  startUs: number,
  endUs: number,
): readonly Stretch[] {
  const cut: Stretch[] = [];
  for (let at = firstEndingAfter(stretches, startUs); at < stretches.length; at++) {
    const stretch = stretches[at];
    if (stretch === undefined || stretch.startUs >= endUs) break;
    cut.push({ startUs: Math.max(stretch.startUs, startUs), endUs: Math.min(stretch.endUs, endUs) });
  }
  return cut;
}

/** Since when the thread has been busy without a pause, at a time; undefined when it was idle then. */
export function busySince({ busy }: ThreadActivity, timeUs: number): number | undefined {
  const stretch = busy[firstEndingAfter(busy, timeUs - SAME_STRETCH_US)];
  return stretch !== undefined && stretch.startUs <= timeUs ? stretch.startUs : undefined;
}

/** What is in both; each list in order and without overlaps. */
export function intersectStretches(a: readonly Stretch[], b: readonly Stretch[]): readonly Stretch[] {
  return a.flatMap(({ startUs, endUs }) => cutStretches(b, startUs, endUs));
}

function firstEndingAfter(stretches: readonly Stretch[], timeUs: number): number {
  let low = 0;
  let high = stretches.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const stretch = stretches[middle];
    if (stretch !== undefined && stretch.endUs <= timeUs) low = middle + 1;
    else high = middle;
  }
  return low;
}
