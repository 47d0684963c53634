import { median } from '../stats/order-statistics.ts';
import type { HeapGrowth } from './model.ts';

/** The heap of the target after a full collection. */
export interface HeapReading {
  /** Heap and external memory (Buffers), of all threads that were there each time. */
  readonly usedBytes: number;
  /** Operations since the load began, of all loads so far. */
  readonly operations: number;
  readonly activeHandles: number;
}

/** With five points the two-sided level that Kendall's test can reach is 2/5! = 1.7 %; with four it is 8.3 %. */
export const FEWEST_READINGS = 5;
const LEVEL = 0.05;

/**
 * Theil-Sen slope of the heap over operations (Sen 1968): the median of the slopes of all pairs, of which one bad reading
 * moves few. Its interval is cut from the same slopes by Kendall's test (Hollander, Wolfe and Chicken, Nonparametric
 * Statistical Methods, 9.3), which asks nothing of how the errors are distributed. Least squares was rejected: one
 * collection that came too early moves it at will.
 *
 * @returns null with fewer than five readings, or when no operations lie between them
 */
export function estimateGrowth(readings: readonly HeapReading[]): HeapGrowth | null {
  const first = readings[0];
  const last = readings.at(-1);
  if (readings.length < FEWEST_READINGS || first === undefined || last === undefined) return null;
  const slopes = pairSlopes(readings);
  const beyond = slopesOutside(readings.length);
  const low = slopes[beyond];
  const high = slopes[slopes.length - 1 - beyond];
  if (low === undefined || high === undefined) return null;
  return {
    heapUsedBytes: readings.map(({ usedBytes }) => usedBytes),
    operationsPerLoad: (last.operations - first.operations) / (readings.length - 1),
    bytesPerOperation: median(slopes),
    interval: [low, high],
    activeHandles: readings.map(({ activeHandles }) => activeHandles),
  };
}

/** Ascending. Pairs without an operation between them have no slope. */
function pairSlopes(readings: readonly HeapReading[]): readonly number[] {
  return readings
    .flatMap((a, i) =>
      readings
        .slice(i + 1)
        .filter((b) => b.operations > a.operations)
        .map((b) => (b.usedBytes - a.usedBytes) / (b.operations - a.operations)),
    )
    .sort((a, b) => a - b);
}

/**
 * How many slopes the interval leaves out at each end: the most discordant pairs that still are less likely than half of the
 * level when nothing grows. Exact: among the orders of n values, those with k inversions are counted by the Mahonian
 * numbers.
 */
export function slopesOutside(n: number): number {
  const counts = countInversions(n);
  const orders = counts.reduce((sum, count) => sum + count, 0);
  let probability = 0;
  let outside = 0;
  for (const count of counts) {
    probability += count / orders;
    if (probability > LEVEL / 2) break;
    outside += 1;
  }
  return Math.max(0, outside - 1);
}

function countInversions(n: number): readonly number[] {
  let counts: readonly number[] = [1];
  for (let size = 2; size <= n; size++) {
    const next = new Array<number>(counts.length + size - 1).fill(0);
    for (const [inversions, count] of counts.entries()) {
      for (let more = 0; more < size; more++)
        next[inversions + more] = (next[inversions + more] ?? 0) + count;
    }
    counts = next;
  }
  return counts;
}

/**
 * `grows`: by as much in the later loads as in the earlier ones. `levels-off`: it grew, and less and less, as a cache does
 * that fills. `steady`: nothing that the readings can tell from their noise.
 */
export type GrowthShape = 'grows' | 'levels-off' | 'steady';

/**
 * Below this an operation leaves less than a small object with its entry in a table (16 + 24 bytes on 64 bits, without
 * pointer compression): what grows so slowly is the compiler's own memory, of code that is still being optimized.
 */
const LEAST_BYTES_PER_OPERATION = 48;
/**
 * Feedback, code and tables of V8 let the heap of a program that keeps nothing rise by 10 to 40 KiB from load to load for
 * as long as it warms up: 310 KiB over ten loads were seen in a service of examples/bottlenecks.
 */
const LEAST_BYTES = 640 * 1024;
/** A leak's later half grows as the earlier one does; of a cache that fills exponentially it is below this within half of its time constant. */
const STRAIGHT = 0.6;

export function shapeOf({ heapUsedBytes, interval }: HeapGrowth): GrowthShape {
  const first = heapUsedBytes[0];
  const last = heapUsedBytes.at(-1);
  if (first === undefined || last === undefined) return 'steady';
  if (interval[0] < LEAST_BYTES_PER_OPERATION || last - first < LEAST_BYTES) return 'steady';
  const middle = Math.floor(heapUsedBytes.length / 2);
  const early = stepOf(heapUsedBytes.slice(0, middle + 1));
  const late = stepOf(heapUsedBytes.slice(-(middle + 1)));
  return late >= STRAIGHT * early ? 'grows' : 'levels-off';
}

/** Growth from one load to the next, as Theil and Sen would have it. */
function stepOf(bytes: readonly number[]): number {
  return median(bytes.flatMap((a, i) => bytes.slice(i + 1).map((b, distance) => (b - a) / (distance + 1))));
}

/** Handles rose with every load or nearly so, by one a load at least: sockets, timers or watchers that nobody closes. */
export function handlesGrow({ activeHandles }: HeapGrowth): boolean {
  const first = activeHandles[0];
  const last = activeHandles.at(-1);
  if (first === undefined || last === undefined || activeHandles.length < FEWEST_READINGS) return false;
  if (last - first < activeHandles.length - 1) return false;
  const falls = activeHandles.filter((count, index) => count < (activeHandles[index - 1] ?? count)).length;
  return falls === 0;
}
