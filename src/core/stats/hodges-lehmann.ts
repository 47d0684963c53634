/**
 * All means of two differences (and of each with itself), ascending: n (n + 1) / 2 of them, 1176 for the longest
 * schedule. W+ of the signed-rank test is the number of positive ones (Tukey 1949), which is why an interval made
 * of them agrees with the test.
 */
export function sortedWalshAverages(differences: readonly number[]): Float64Array {
  const n = differences.length;
  const averages = new Float64Array((n * (n + 1)) / 2);
  let at = 0;
  differences.forEach((first, i) => {
    for (const second of differences.slice(i)) averages[at++] = first / 2 + second / 2;
  });
  return averages.sort();
}

/** The Hodges-Lehmann estimate of a shift: the median of the Walsh averages; null without differences. */
export function hodgesLehmann(differences: readonly number[]): number | null {
  return medianOfWalsh(sortedWalshAverages(differences));
}

export interface ShiftEstimate {
  readonly estimate: number | null;
  readonly interval: readonly [number, number] | null;
}

/**
 * Estimate and interval [Walsh(c + 1), Walsh(M - c)], counted from 1 (Hollander, Wolfe and Chicken,
 * Nonparametric Statistical Methods, 3.3). A value outside is one that the test with "reject when
 * min(W+, W-) <= c" rejects as the shift. With ties or zeros the interval is the wider, so cautious, side.
 */
export function estimateShift(differences: readonly number[], critical: number | null): ShiftEstimate {
  const averages = sortedWalshAverages(differences);
  const estimate = medianOfWalsh(averages);
  if (critical === null) return { estimate, interval: null };
  const low = averages[critical];
  const high = averages[averages.length - 1 - critical];
  if (low === undefined || high === undefined || low > high) return { estimate, interval: null };
  return { estimate, interval: [low, high] };
}

function medianOfWalsh(sorted: Float64Array): number | null {
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.ceil(sorted.length / 2) - 1];
  if (upper === undefined || lower === undefined) return null;
  return lower / 2 + upper / 2;
}
