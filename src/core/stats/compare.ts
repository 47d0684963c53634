import { InternalError } from '../errors.ts';
import type { Effort } from '../model/measurement.ts';
import { estimateShift } from './hodges-lehmann.ts';
import { LOOKS } from './looks.ts';
import { robustStandardDeviation } from './order-statistics.ts';
import type { Scale } from './paired-differences.ts';
import { boundary, tabulatedAlpha } from './sequential.ts';

export type LookVerdict = 'improved' | 'regressed' | 'equivalent' | 'undecided';

export interface LookInput {
  /** One per block, + = worse, as `pairedDifferences` gives them; exactly as many as the look has blocks. */
  readonly differences: readonly number[];
  readonly alpha: number;
  readonly schedule: Effort;
  /** 0-based; null when the run ended before its first look: then there is an estimate at most. */
  readonly lookIndex: number | null;
  /** Minimum effect of interest and least change worth a verdict, both on the scale of the differences. */
  readonly delta: number;
  readonly floor: number;
}

/** Estimate and interval are on the scale of the differences, + = worse. */
export interface LookResult {
  readonly verdict: LookVerdict;
  readonly estimate: number | null;
  /** Holds at all looks together (repeated confidence interval), so looking early costs no confidence. */
  readonly interval: readonly [number, number] | null;
  readonly confidence: number | null;
  /** The change is real (the interval excludes 0) but was shown to be below the minimum effect. */
  readonly realButSmall: boolean;
  /** Blocks still needed for 80 % power at the minimum effect; null when decided, or nothing tells. */
  readonly blocksToResolve: number | null;
}

/** (z(.975) + z(.8)) / z(.975): how much narrower than the distance to the floor a half-width must be for 80 % power. */
const POWER_FACTOR = 1.43;

/**
 * The verdict at one look (notes on statistics, section 4). No change is rejected because the interval lies
 * beyond the floor, never because a p-value is small, and "equivalent" needs the interval inside +-delta: failing
 * to find a difference is not a finding. The interval makes no random choice about zeros and ties; it takes the
 * side that is slower to decide, so the verdict depends on the data alone.
 */
export function compareAtLook(input: LookInput): LookResult {
  const { differences, alpha, schedule, lookIndex, delta, floor } = input;
  const critical = lookIndex === null ? null : boundary(alpha, schedule, lookIndex);
  if (lookIndex !== null && LOOKS[schedule][lookIndex] !== differences.length) {
    throw new InternalError(
      'internal',
      `Look ${lookIndex} of effort "${schedule}" got ${differences.length} blocks, not ${LOOKS[schedule][lookIndex] ?? 0}.`,
      { fix: 'Report this as a defect, with the run id.' },
    );
  }
  const { estimate, interval } = estimateShift(differences, critical);
  const verdict = interval === null ? 'undecided' : judge(interval, delta, floor);
  return {
    verdict,
    estimate,
    interval,
    confidence: interval === null ? null : 1 - (tabulatedAlpha(alpha) ?? 0),
    realButSmall: verdict === 'equivalent' && interval !== null && (interval[0] > 0 || interval[1] < 0),
    blocksToResolve: verdict === 'undecided' ? blocksToResolve(input, critical, estimate, interval) : null,
  };
}

/** What "undecided" is called when no look is left. */
export function finalVerdict(verdict: LookVerdict): Exclude<LookVerdict, 'undecided'> | 'inconclusive' {
  return verdict === 'undecided' ? 'inconclusive' : verdict;
}

/**
 * The least change worth a verdict: 1 % for ratios (layout and environment alone can do that much to unchanged
 * code), a fifth of the minimum effect for differences. With it the measured rate of false verdicts fell from
 * 4-6 % to 0.1-2.3 %. It stays below the minimum effect, or changes between the two could never be called.
 */
export function defaultFloor(delta: number, scale: Scale): number {
  return scale === 'ratio' ? Math.min(0.01, delta / 2) : delta / 5;
}

function judge([low, high]: readonly [number, number], delta: number, floor: number): LookVerdict {
  if (low > -delta && high < delta) return 'equivalent';
  if (low > floor) return 'regressed';
  if (high < -floor) return 'improved';
  return 'undecided';
}

/**
 * n (1.43 h / (delta - floor))^2 blocks in total, h = half-width now: widths shrink with the root of n, also for
 * heavy tails, as h is made of ranks. The floor counts because the interval has to clear it: with delta alone a
 * change of 3 % would be called in 46 % of tries, not 80 %. Where that many are already there and luck left the
 * interval across a limit, what this interval would still need to clear one.
 *
 * Without an interval, or with c < n, when one stalled run owns an end of it (it is part of n Walsh averages, and
 * a stall of 180 % once asked for 3380 blocks): 1.5 (2.8 sd / (delta - floor))^2 with the robust sd,
 * 2.8 = z(.975) + z(.8), 1.5 for tails and looks.
 */
function blocksToResolve(
  { differences, delta, floor }: LookInput,
  critical: number | null,
  estimate: number | null,
  interval: readonly [number, number] | null,
): number | null {
  const n = differences.length;
  // Three values say nothing about a spread.
  if (estimate === null || n < 4) return null;
  const distance = delta - floor;
  if (!(distance > 0)) return null;
  if (interval === null || critical === null || critical < n) {
    const spread = robustStandardDeviation(differences);
    return spread === 0 ? null : Math.max(1, Math.ceil(1.5 * ((2.8 * spread) / distance) ** 2) - n);
  }
  const halfWidth = (interval[1] - interval[0]) / 2;
  const forPower = n * ((POWER_FACTOR * halfWidth) / distance) ** 2;
  const enough = Math.max(Math.abs(estimate) - floor, delta - Math.abs(estimate));
  const forThisEstimate = n * (halfWidth / enough) ** 2;
  return Math.max(1, Math.ceil(Math.max(forPower, forThisEstimate)) - n);
}
