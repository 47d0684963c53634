import { normalQuantile } from './normal-quantile.ts';

export interface Share {
  /** Observed, 0 to 1. */
  readonly share: number;
  /** Observations behind it. */
  readonly n: number;
  /**
   * How many independent observations they are worth, at most `n`: neighbouring samples of a profile show the
   * same call, so a thousand of them can carry the information of a hundred. Default: all independent.
   */
  readonly effectiveN?: number;
}

/**
 * Wilson's score interval (1927; method 3 of Newcombe 1998): unlike share +- z * error it stays inside 0 to 1
 * and is right near both ends, where profile shares are. Null without observations.
 */
export function wilsonInterval({ share, n, effectiveN }: Share, confidence = 0.95): [number, number] | null {
  const size = Math.min(n, effectiveN ?? n);
  if (!(size > 0)) return null;
  const z = normalQuantile(1 - (1 - confidence) / 2);
  const shrink = 1 + z ** 2 / size;
  const centre = (share + z ** 2 / (2 * size)) / shrink;
  const half = (z * Math.sqrt((share * (1 - share)) / size + z ** 2 / (4 * size ** 2))) / shrink;
  // The ends are exact at 0 and 1; rounding may miss them by a hair.
  return [share === 0 ? 0 : Math.max(0, centre - half), share === 1 ? 1 : Math.min(1, centre + half)];
}
