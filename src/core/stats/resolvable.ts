import type { Effort } from '../model/measurement.ts';
import type { Metric } from '../model/metrics.ts';
import { defaultFloor } from './compare.ts';
import { maximumBlocks } from './looks.ts';
import { robustStandardDeviation } from './order-statistics.ts';
import { effectOf, shiftOf } from './paired-differences.ts';

/** Below this a median absolute deviation is little more than a guess; it is also the first look. */
const MINIMUM_SAMPLES = 8;
/** z(.975) + z(.8): two-sided 5 %, 80 % power. */
const DETECTION = 2.8;
/** More blocks than the normal, single-look formula asks for, to pay for heavy tails and for the looks. */
const TAILS_AND_LOOKS = 1.5;

/**
 * The smallest effect that a validation of this effort would call in four of five tries: the floor plus
 * 2.8 sd sqrt(1.5 / n), n = the most blocks of the effort. Ratio, or the metric's own unit. Null when there are
 * too few samples, or when all but a few are equal: a grid such as whole milliseconds hides the noise.
 * `differences` are an A/A check's, one per block.
 */
export function resolvableFromBlocks(
  differences: readonly number[],
  effort: Effort,
  metric: Pick<Metric, 'scale' | 'minimumEffect'>,
): number | null {
  if (differences.length < MINIMUM_SAMPLES) return null;
  return resolvable(robustStandardDeviation(differences), effort, metric);
}

/**
 * The same without pairs, from one side's samples: the difference of two independent ones spreads sqrt(2) times
 * as much. Too cautious when the machine drifts, which blocks would cancel.
 */
export function resolvableFromSamples(
  values: readonly number[],
  effort: Effort,
  metric: Pick<Metric, 'scale' | 'minimumEffect'>,
): number | null {
  if (values.length < MINIMUM_SAMPLES) return null;
  const ratio = metric.scale === 'ratio';
  if (ratio && values.some((value) => !(value > 0))) return null;
  const spread = robustStandardDeviation(ratio ? values.map(Math.log) : values);
  return resolvable(Math.SQRT2 * spread, effort, metric);
}

/**
 * Blocks over the effort's own that would resolve the minimum effect, from what the effort resolves: the part above the floor
 * shrinks with the root of their number. 0 when the effort resolves it already.
 */
export function blocksBeyondEffort(
  resolves: number,
  effort: Effort,
  { scale, minimumEffect }: Pick<Metric, 'scale' | 'minimumEffect'>,
): number {
  const delta = shiftOf(minimumEffect, scale);
  const floor = defaultFloor(delta, scale);
  const ratio = Math.max(1, (shiftOf(resolves, scale) - floor) / (delta - floor));
  return Math.ceil(maximumBlocks(effort) * (ratio ** 2 - 1));
}

function resolvable(
  spread: number,
  effort: Effort,
  { scale, minimumEffect }: Pick<Metric, 'scale' | 'minimumEffect'>,
): number | null {
  if (spread === 0) return null;
  const floor = defaultFloor(shiftOf(minimumEffect, scale), scale);
  const shift = floor + DETECTION * spread * Math.sqrt(TAILS_AND_LOOKS / maximumBlocks(effort));
  return effectOf(shift, scale);
}
