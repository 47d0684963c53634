import { effectOf, medianInterval, pairedDifferences, median } from '../src/core/stats/index.ts';

const CONFIDENCE = 0.95;

export interface PairedRatio {
  readonly ratio: number;
  /** 95 % interval of order statistics; null with too few pairs. */
  readonly interval: readonly [number, number] | null;
  readonly n: number;
}

/** The median of b / a over pairs of runs that stood next to each other, which drift of the machine does not bend. */
export function pairedRatio(a: readonly number[], b: readonly number[]): PairedRatio {
  const differences = pairedDifferences(a, b, { scale: 'ratio', better: 'lower' });
  const ratio = (difference: number) => 1 + effectOf(difference, 'ratio');
  const { interval } = medianInterval(differences, CONFIDENCE);
  return {
    ratio: ratio(median(differences)),
    interval: interval && [ratio(interval[0]), ratio(interval[1])],
    n: differences.length,
  };
}
