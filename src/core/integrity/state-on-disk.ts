import { METRICS, type MetricName } from '../model/metrics.ts';
import { median } from '../stats/order-statistics.ts';

/** One process of each side, before which its checkout was as `setup` had left it. */
export interface FirstProcesses {
  readonly baseline: number;
  readonly candidate: number;
}

/** A first process that saves less than this share of what later ones save got the rest from what an earlier one left. */
const KEPT_SHARE = 0.5;
/** Everybody's first process is slower (`__pycache__`, page cache): the candidate's must lose this many times more by it. */
const TIMES_BASELINE = 2;
/** Of the later processes, which may have stalled too, this share may be as bad as the first one. */
const STALLED_SHARE = 1 / 8;

/** How many first processes say so before a gain is taken back, and how many before it stands: what comes first decides. */
export const VOTES = { carried: 3, own: 2 } as const;

/**
 * Whether a gain comes from what processes leave on disk for the next one. Savings are compared, not ratios: what a first
 * process pays on both sides leaves them as they are. A first process that stalled by chance looks the same, in one pair of ten
 * or so: three of them before two others are one gain in a hundred, where the gain is as small as the noise.
 */
export function isCarriedByDisk(
  later: readonly { readonly a: number; readonly b: number }[],
  first: FirstProcesses,
  metric: MetricName,
): boolean {
  if (later.length === 0) return false;
  // What an operation costs, whichever way the metric counts.
  const costOf = (value: number) => (METRICS[metric].better === 'lower' ? value : 1 / value);
  const costs = later.map(({ a, b }) => ({ a: costOf(a), b: costOf(b) }));
  const baseline = median(costs.map(({ a }) => a));
  const candidate = median(costs.map(({ b }) => b));
  const saving = baseline - candidate;
  const firstBaseline = costOf(first.baseline);
  const firstCandidate = costOf(first.candidate);
  const firstSaving = firstBaseline - firstCandidate;
  const fewAreAsBad = (isAsBad: (cost: { readonly a: number; readonly b: number }) => boolean) =>
    costs.filter(isAsBad).length <= STALLED_SHARE * costs.length;
  return (
    saving > 0 &&
    firstSaving < KEPT_SHARE * saving &&
    fewAreAsBad(({ a, b }) => a - b <= firstSaving) &&
    fewAreAsBad(({ b }) => b >= firstCandidate) &&
    firstCandidate - candidate > TIMES_BASELINE * Math.max(0, firstBaseline - baseline)
  );
}
