import type { ComplexityCandidate, ComplexityClass, ComplexityFit } from '../model/sweep.ts';
import { timeAt } from '../scaling/complexity-class.ts';
import type { Detector, Finding } from './detector.ts';
import { percent } from './finding.ts';
import { fittedAs, measuredPoints, toFinding } from './swept.ts';
import type { Fitted } from './swept.ts';

/** n log n is what sorting costs, and nothing to be found fault with. */
const SUPER_LINEAR: readonly ComplexityClass[] = ['n^2', 'n^3'];
/** Of the time at the largest size; below it the growing part doesn't matter yet. */
const WORTH_TELLING = 0.2;

/** Time grows faster than its input: what is fine in a test is minutes in production. */
export const superLinearGrowth: Detector = {
  id: 'super-linear-growth',
  title: 'Super-linear growth with size',
  names: 'process',
  detect: ({ sweeps }) =>
    fittedAs(sweeps, 'complexity').flatMap(({ sweep, isOfThisCode }) => describe(sweep, isOfThisCode)),
};

function describe(sweep: Fitted<'complexity'>, isOfThisCode: boolean): readonly Finding[] {
  const { fit } = sweep;
  const chosen = fit.candidates.find(({ class: name }) => name === fit.class);
  const points = measuredPoints(sweep);
  const [smallest] = points;
  const largest = points.at(-1);
  if (!SUPER_LINEAR.includes(fit.class) || chosen === undefined) return [];
  if (smallest === undefined || largest === undefined || largest.at <= smallest.at) return [];
  const growing = growingShare(chosen, largest.at);
  // What would be left if the part that grows went on from the smallest size in proportion.
  const perUnit = Math.max(0, timeAt(chosen, smallest.at) - chosen.fixed) / smallest.at;
  const linear = chosen.fixed + perUnit * largest.at;
  const excess = Math.max(0, 1 - linear / timeAt(chosen, largest.at));
  if (growing < WORTH_TELLING || excess < WORTH_TELLING) return [];
  // The error of predicting a size from the others is what is known of how far the curve can be trusted.
  const error = Math.min(1, chosen.left_out_error);
  const around = [Math.max(0, excess - error), Math.min(1, excess + error)] as const;
  return [
    toFinding(
      {
        kind: superLinearGrowth.id,
        title: `Time grows as ${fit.label} with ${sweep.variable ?? sweep.over}: ${percent(excess)} of it at ${largest.at} is beyond linear`,
        layer: 'algorithm',
        share: { value: excess, interval: around },
        of: `time at ${sweep.variable ?? sweep.over} ${largest.at}`,
        n: fit.sizes,
        ceiling: {
          metric: sweep.metric,
          gain: excess,
          interval: [around[0], around[1]],
          assumes: `upper bound at ${sweep.variable ?? sweep.over} ${largest.at}: linear from the smallest size on`,
        },
        confidence: judge(fit),
        signals: ['super-linear', `class:${fit.class}`, ...(fit.class === 'n^2' ? ['nested-loops'] : [])],
        detail: `${fit.why}\nslope of the upper half ${fit.slope.toFixed(2)} on logarithms; ${points.map(({ at, value }) => `${at}: ${value.toPrecision(3)}`).join(', ')}`,
        confirm:
          'Profile at the largest size: the function whose share grows with the size is the cause. After a change a new sweep must show a lower class.',
      },
      isOfThisCode,
    ),
  ];
}

function growingShare(candidate: ComplexityCandidate, size: number): number {
  const all = timeAt(candidate, size);
  return all > 0 ? 1 - candidate.fixed / all : 0;
}

function judge({ settled, sizes, noise, warnings }: ComplexityFit): Finding['confidence'] {
  const reason = `${sizes} sizes${noise === null ? '' : `, each known to ${percent(noise)}`}; the class is ${settled ? 'settled' : 'not settled'}`;
  if (!settled) return { level: 'low', reason };
  return { level: warnings.length === 0 ? 'high' : 'medium', reason };
}
