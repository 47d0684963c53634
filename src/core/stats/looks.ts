import type { Effort } from '../model/measurement.ts';

/**
 * After how many blocks each effort looks at its data; the last number is the most it will ever measure. The
 * error rate is promised for these looks and no others. Source: notes on statistics, section 3 (chosen for the
 * power they had on measured noise); 8 is the first n at which a 1 % test can reject.
 */
export const LOOKS = {
  quick: [8, 12, 16],
  standard: [8, 11, 14, 19, 24],
  thorough: [8, 12, 16, 24, 32, 48],
} as const satisfies Record<Effort, readonly number[]>;

/** The most blocks that an effort measures. */
export function maximumBlocks(effort: Effort): number {
  return Math.max(...LOOKS[effort]);
}

/** Index of the last look that `blocks` finished blocks reach; null before the first. */
export function lookReached(effort: Effort, blocks: number): number | null {
  const index = LOOKS[effort].findLastIndex((n) => n <= blocks);
  return index < 0 ? null : index;
}
