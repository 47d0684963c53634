import type { ComplexityClass, ComplexityFit } from '../model/sweep.ts';
import { timeAt } from '../scaling/complexity-class.ts';
import type { Detector, Finding } from './detector.ts';
import { percent } from './finding.ts';
import { describeSource, judgeSweep, largestValue } from './measured-sweep.ts';
import type { MeasuredSweep } from './measured-sweep.ts';

/** Sorting is n log n, and rarely worth a remedy; from n² on twice the input is four times the time. */
const SUPER_LINEAR: readonly ComplexityClass[] = ['n^2', 'n^3'];
/** These have to be ruled out: a class that is merely a little better is no finding. */
const HARMLESS: readonly ComplexityClass[] = ['n', 'n log n'];
/** Of the time at the largest size: below it the part that grows is not what costs there. */
const LEAST_SHARE = 0.3;

/** Time that grows faster than the input, by the complexity class of a measured sweep over sizes. */
export const superLinearGrowth: Detector = {
  id: 'super-linear-growth',
  title: 'Super-linear growth with size',
  names: 'process',
  detect: ({ sweeps = [] }) =>
    sweeps.flatMap((measured) => {
      const { over, fit } = measured.sweep;
      return over === 'size' && fit.kind === 'complexity' ? describe(measured, fit) : [];
    }),
};

function describe(measured: MeasuredSweep, fit: ComplexityFit): readonly Finding[] {
  const { sweep } = measured;
  const size = largestValue(sweep);
  const chosen = fit.candidates.find((candidate) => candidate.class === fit.class);
  const harmless = fit.candidates.some((other) => HARMLESS.includes(other.class) && !other.ruled_out);
  if (size === undefined || chosen === undefined || !SUPER_LINEAR.includes(fit.class) || harmless) return [];
  const time = timeAt(chosen, size);
  const shareWithout = (fixed: number): number => Math.min(1, Math.max(0, 1 - fixed / time));
  // The curve misses sizes that it has not seen by this ratio, so the part that is fixed may be off by as much.
  const error = 1 + chosen.left_out_error;
  const share = shareWithout(chosen.fixed);
  const interval: [number, number] = [shareWithout(chosen.fixed * error), shareWithout(chosen.fixed / error)];
  if (share < LEAST_SHARE) return [];
  const smallest = smallestSize(measured);
  const linear = timeAt(chosen, smallest) * (size / smallest);
  const gainOf = (atLargest: number): number => Math.max(0, 1 - linear / atLargest);
  return [
    {
      kind: superLinearGrowth.id,
      title: `Time grows as ${fit.label} with the size of the input: ${percent(share)} of an operation at ${size}`,
      layer: 'algorithm',
      location: {},
      share: {
        value: share,
        interval,
        of: `time of an operation at a size of ${size}`,
        n: samplesOf(measured),
      },
      ceilings: [
        {
          metric: sweep.metric,
          gain: gainOf(time),
          interval: [gainOf(time / error), gainOf(time * error)],
          assumes: `upper bound, at a size of ${size}: each unit of input costs what it does at ${smallest}`,
        },
      ],
      confidence: judgeSweep(measured, fit.settled ? 'high' : 'medium', `${fit.sizes} sizes; ${fit.why}`),
      signals: [`class:${fit.class}`, 'grows-with-size'],
      detail: `${describeSource(measured)}: slope ${fit.slope.toFixed(2)} in the upper half, ${HARMLESS.join(' and ')} ruled out`,
      confirm: `Measure a size of ${2 * size}: about ${(2 ** exponentOf(fit.class)).toFixed(0)} times the time of ${size} confirms it, twice the time refutes it.`,
    },
  ];
}

function exponentOf(name: ComplexityClass): number {
  return name === 'n^3' ? 3 : 2;
}

function smallestSize({ sweep }: MeasuredSweep): number {
  return Math.min(
    ...sweep.points.flatMap(({ value, estimates }) =>
      typeof value === 'number' && estimates[sweep.metric] !== undefined ? [value] : [],
    ),
  );
}

function samplesOf({ sweep }: MeasuredSweep): number {
  return sweep.points.reduce((sum, { estimates }) => sum + (estimates[sweep.metric]?.n ?? 0), 0);
}
