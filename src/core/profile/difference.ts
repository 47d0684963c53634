import { wilsonInterval } from '../stats/proportion.ts';
import type { FunctionCost, ProfileAnalysis } from './analyze.ts';
import { frameKey } from './builder.ts';

/** One function in two profiles; shares are of the busy time of each, [0, 1]. */
export interface FunctionDifference {
  /** As it stands in the later profile; in the earlier one where it is gone. */
  readonly cost: FunctionCost;
  /** Own: its code and the built-ins that it called. */
  readonly before: number;
  readonly after: number;
  readonly totalBefore: number;
  readonly totalAfter: number;
  /** after - before. */
  readonly change: number;
  /** 95 %, by Newcombe's method 10 (1998) from the Wilson intervals of the two. */
  readonly interval: readonly [number, number];
  /** The interval leaves zero out. */
  readonly isClear: boolean;
}

/**
 * What changed between two profiles, the largest change first. Functions are the same when their frames are; an edit moves
 * lines, so those that are left over are paired by name and file where both profiles have one of them. A share grows too
 * when everything else shrank: only with the CPU time per request does a share say what got faster.
 */
export function compareProfiles(
  before: ProfileAnalysis,
  after: ProfileAnalysis,
): readonly FunctionDifference[] {
  const pairs = pairFunctions(before, after);
  return pairs
    .map(([old, now]) => differ(before, after, old, now))
    .filter((difference) => difference !== undefined)
    .sort((a, b) => Math.abs(b.change) - Math.abs(a.change) || b.after - a.after);
}

type Pair = readonly [FunctionCost | undefined, FunctionCost | undefined];

function pairFunctions(before: ProfileAnalysis, after: ProfileAnalysis): readonly Pair[] {
  const exact = pairBy(before.functions, after.functions, ({ frame, file }) =>
    frameKey({ ...frame, ...(file === undefined ? {} : { file }) }),
  );
  const moved = pairBy(exact.onlyBefore, exact.onlyAfter, ({ frame, file }) =>
    frame.name === '' || frame.name === '(anonymous)'
      ? undefined
      : `${frame.kind}\n${frame.name}\n${file ?? ''}`,
  );
  return [
    ...exact.pairs,
    ...moved.pairs,
    ...moved.onlyBefore.map((cost): Pair => [cost, undefined]),
    ...moved.onlyAfter.map((cost): Pair => [undefined, cost]),
  ];
}

interface Paired {
  readonly pairs: readonly Pair[];
  readonly onlyBefore: readonly FunctionCost[];
  readonly onlyAfter: readonly FunctionCost[];
}

/** Pairs those whose key stands once on each side. */
function pairBy(
  before: readonly FunctionCost[],
  after: readonly FunctionCost[],
  keyOf: (cost: FunctionCost) => string | undefined,
): Paired {
  const old = uniqueBy(before, keyOf);
  const now = uniqueBy(after, keyOf);
  const pairs = [...old].flatMap(([key, cost]): Pair[] => {
    const twin = now.get(key);
    return twin === undefined ? [] : [[cost, twin]];
  });
  const taken = new Set(pairs.flat());
  return {
    pairs,
    onlyBefore: before.filter((cost) => !taken.has(cost)),
    onlyAfter: after.filter((cost) => !taken.has(cost)),
  };
}

function uniqueBy(
  costs: readonly FunctionCost[],
  keyOf: (cost: FunctionCost) => string | undefined,
): ReadonlyMap<string, FunctionCost> {
  const found = new Map<string, FunctionCost | undefined>();
  for (const cost of costs) {
    const key = keyOf(cost);
    if (key !== undefined) found.set(key, found.has(key) ? undefined : cost);
  }
  return new Map([...found].flatMap(([key, cost]) => (cost === undefined ? [] : [[key, cost] as const])));
}

function differ(
  before: ProfileAnalysis,
  after: ProfileAnalysis,
  old: FunctionCost | undefined,
  now: FunctionCost | undefined,
): FunctionDifference | undefined {
  const cost = now ?? old;
  if (cost === undefined) return undefined;
  const from = old?.ownShare ?? 0;
  const to = now?.ownShare ?? 0;
  const interval = differenceInterval(
    { share: from, n: before.totals.busySamples },
    { share: to, n: after.totals.busySamples },
  );
  return {
    cost,
    before: from,
    after: to,
    totalBefore: old?.totalShare ?? 0,
    totalAfter: now?.totalShare ?? 0,
    change: to - from,
    interval,
    isClear: interval[0] > 0 || interval[1] < 0,
  };
}

interface Observed {
  readonly share: number;
  readonly n: number;
}

function differenceInterval(a: Observed, b: Observed): readonly [number, number] {
  const [lowA, highA] = wilsonInterval(a) ?? [0, 1];
  const [lowB, highB] = wilsonInterval(b) ?? [0, 1];
  const change = b.share - a.share;
  return [
    change - Math.hypot(b.share - lowB, highA - a.share),
    change + Math.hypot(highB - b.share, a.share - lowA),
  ];
}
