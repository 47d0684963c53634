import type { Random } from '../random.ts';
import { hodgesLehmann } from './hodges-lehmann.ts';
import { median, medianAbsoluteDeviation } from './order-statistics.ts';
import { changeOf, type Comparing, pairedDifferences } from './paired-differences.ts';
import { signedRank } from './signed-rank.ts';

/** One finished block of a metric, in the order of time. */
export interface PairedBlock {
  readonly a: number;
  readonly b: number;
  /** Whether A was the first of the two. */
  readonly aFirst: boolean;
}

export type Instability = 'correlated' | 'stalls' | 'drifting' | 'order_effect';

/** What a run says about its own conditions. It weakens or explains a result; no block is deleted for it. */
export interface Stability {
  /** Correlation of each A with the one before it; null with fewer than 3 or without any variation. */
  readonly lag1Correlation: number | null;
  /** Share of processes worse than their side's median by 5 MAD; null when more than half are equal. */
  readonly stallShare: number | null;
  /** The change B against A in each half of the run; null with fewer than 4 blocks. */
  readonly halves: { readonly first: number; readonly second: number } | null;
  /** How the second process of a block compares with the first, whichever side it is. */
  readonly order: { readonly change: number; readonly p: number } | null;
  readonly instabilities: readonly Instability[];
}

/** Of the limits that notes on statistics name, 5 MAD; a tenth of stalled runs is where means stop to work. */
const STALL_MADS = 5;
const MANY_STALLS = 0.1;
/** Two-sided 1 % for correlation (z / sqrt(n), Bartlett) and order: a warning that cries wolf is not read. */
const CORRELATION_Z = 2.576;
const ORDER_ALPHA = 0.01;

/** `delta`: minimum effect on the scale of the differences; halves that disagree by more are drift. */
export function diagnoseStability(
  blocks: readonly PairedBlock[],
  comparing: Comparing,
  delta: number,
  random: Random,
): Stability {
  const differences = differencesOf(blocks, comparing);
  const lag1Correlation = correlateWithPrevious(blocks.map((block) => block.a));
  const stallShare = shareOfStalls(blocks, comparing);
  const shifts = shiftsOfHalves(differences);
  // + = the second process is the worse one.
  const secondAgainstFirst = differences.map((d, i) => (blocks[i]?.aFirst === true ? d : -d));
  const orderShift = hodgesLehmann(secondAgainstFirst);
  const orderP = signedRank(secondAgainstFirst, random).p;
  const found: readonly (readonly [Instability, boolean])[] = [
    ['correlated', (lag1Correlation ?? 0) > CORRELATION_Z / Math.sqrt(blocks.length)],
    ['stalls', (stallShare ?? 0) > MANY_STALLS],
    ['drifting', shifts !== null && Math.abs(shifts.second - shifts.first) > delta],
    ['order_effect', orderP !== null && orderP < ORDER_ALPHA],
  ];
  return {
    lag1Correlation,
    stallShare,
    halves: shifts && {
      first: changeOf(shifts.first, comparing),
      second: changeOf(shifts.second, comparing),
    },
    order:
      orderShift === null || orderP === null ? null : { change: changeOf(orderShift, comparing), p: orderP },
    instabilities: found.filter(([, present]) => present).map(([name]) => name),
  };
}

export function differencesOf(blocks: readonly PairedBlock[], comparing: Comparing): readonly number[] {
  return pairedDifferences(
    blocks.map((block) => block.a),
    blocks.map((block) => block.b),
    comparing,
  );
}

function correlateWithPrevious(values: readonly number[]): number | null {
  if (values.length < 3) return null;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const deviations = values.map((value) => value - mean);
  const variance = deviations.reduce((sum, deviation) => sum + deviation ** 2, 0);
  if (variance === 0) return null;
  return deviations.reduce((sum, deviation, i) => sum + deviation * (deviations[i - 1] ?? 0), 0) / variance;
}

function shareOfStalls(blocks: readonly PairedBlock[], { better }: Comparing): number | null {
  const worse = better === 'lower' ? 1 : -1;
  const sides = [blocks.map((block) => worse * block.a), blocks.map((block) => worse * block.b)];
  let stalls = 0;
  for (const side of sides) {
    if (side.length === 0) return null;
    const limit = STALL_MADS * medianAbsoluteDeviation(side);
    // Without a spread to measure by, every odd value would be a stall.
    if (limit === 0) return null;
    const middle = median(side);
    stalls += side.filter((value) => value > middle + limit).length;
  }
  return stalls / (2 * blocks.length);
}

function shiftsOfHalves(differences: readonly number[]): { first: number; second: number } | null {
  if (differences.length < 4) return null;
  const middle = Math.floor(differences.length / 2);
  const first = hodgesLehmann(differences.slice(0, middle));
  const second = hodgesLehmann(differences.slice(middle));
  return first === null || second === null ? null : { first, second };
}
