import type { Random } from '../random.ts';

export interface SignedRank {
  readonly n: number;
  /** Sum of the ranks of positive and of negative differences; they add up to n (n + 1) / 2. */
  readonly wPlus: number;
  readonly wMinus: number;
  /** Two-sided, exact, given the sizes of the differences (so right with ties too); null without differences. */
  readonly p: number | null;
}

/**
 * Wilcoxon's signed-rank test of "the signs are fair coins", which the coin-flipped order inside a block makes
 * true for an unchanged program. Equal sizes share the mean of their ranks. A difference of zero keeps its rank
 * and gets a coin's sign: dropping zeros (Wilcoxon's way) would call two zero-heavy series different by their
 * few other values, and with whole milliseconds or 10 ms CPU ticks most blocks are zeros.
 */
export function signedRank(differences: readonly number[], random: Random): SignedRank {
  const ranks = doubledMidRanks(differences.map(Math.abs));
  let plus = 0;
  let total = 0;
  differences.forEach((difference, i) => {
    const rank = ranks[i] ?? 0;
    total += rank;
    if (difference > 0 || (difference === 0 && random.coin() === 1)) plus += rank;
  });
  const n = differences.length;
  const smaller = Math.min(plus, total - plus);
  return { n, wPlus: plus / 2, wMinus: (total - plus) / 2, p: n === 0 ? null : twoSidedP(ranks, smaller) };
}

/**
 * The largest c at which "reject when min(W+, W-) <= c" is wrong in at most `alpha` of all fair coin flips,
 * without ties; null when n is too small to reject at all (the smallest p is 2 / 2^n).
 */
export function criticalValue(n: number, alpha: number): number | null {
  const probabilities = nullDistribution(integersUpTo(n));
  let tail = 0;
  let critical: number | null = null;
  for (const [w, probability] of probabilities.entries()) {
    tail += probability;
    // The slack is for rounding: tails are sums of multiples of 2^-n.
    if (2 * tail > alpha * (1 + 1e-12)) break;
    critical = w;
  }
  return critical;
}

function twoSidedP(doubledRanks: readonly number[], smallerDoubledSum: number): number {
  let tail = 0;
  for (const [sum, probability] of nullDistribution(doubledRanks).entries()) {
    if (sum > smallerDoubledSum) break;
    tail += probability;
  }
  return Math.min(1, 2 * tail);
}

/**
 * Probability of every rank sum when each rank is counted or not by a fair coin: the coefficients of
 * prod (1 + x^rank) / 2, multiplied out one rank at a time. Exact up to rounding, in n * sum steps: 2 million for
 * 60 blocks with ties. Probabilities and not counts, for counts pass 2^53 at 54 blocks.
 */
function nullDistribution(ranks: readonly number[]): Float64Array {
  const probabilities = new Float64Array(1 + ranks.reduce((sum, rank) => sum + rank, 0));
  probabilities[0] = 1;
  let reach = 0;
  for (const rank of ranks) {
    reach += rank;
    for (let sum = reach; sum >= 0; sum--) {
      const without = probabilities[sum] ?? 0;
      const withRank = sum >= rank ? (probabilities[sum - rank] ?? 0) : 0;
      probabilities[sum] = (without + withRank) / 2;
    }
  }
  return probabilities;
}

/** Twice the mid-rank of each value: a mean of ranks is a half-integer, and the distribution needs integers. */
function doubledMidRanks(sizes: readonly number[]): readonly number[] {
  const order = sizes.map((size, index) => ({ size, index })).sort((a, b) => a.size - b.size);
  const ranks = new Array<number>(sizes.length).fill(0);
  let start = 0;
  while (start < order.length) {
    let end = start;
    while (end + 1 < order.length && order[end + 1]?.size === order[start]?.size) end++;
    // Ranks start + 1 to end + 1 share their mean.
    for (const { index } of order.slice(start, end + 1)) ranks[index] = start + end + 2;
    start = end + 1;
  }
  return ranks;
}

function integersUpTo(n: number): readonly number[] {
  return Array.from({ length: n }, (_, i) => i + 1);
}
