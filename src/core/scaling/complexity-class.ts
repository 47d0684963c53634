import {
  COMPLEXITY_CLASSES,
  type ComplexityCandidate,
  type ComplexityClass,
  type ComplexityFit,
  type NoFit,
} from '../model/sweep.ts';
import type { Warning } from '../model/warning.ts';
import { median, medianAbsoluteDeviation } from '../stats/order-statistics.ts';
import { WARNINGS } from '../warnings.ts';
import { refuseLevels } from './levels.ts';
import { solveNonnegative } from './nonnegative-least-squares.ts';

/** One size of input and the time of an operation in each fresh process, all in one unit. */
export interface SizeLevel {
  readonly size: number;
  readonly times: readonly number[];
}

/** The time of a size as the fit sees it: the median of its processes, so that one stall does not bend the curve. */
interface Point {
  readonly size: number;
  readonly time: number;
}

interface Model {
  readonly class: ComplexityClass;
  readonly fixed: number;
  readonly perUnit: number;
}

/** Exponential is not among them: over sizes that span a decade it is beyond all bounds, and is told as "steeper". */
const GROWTH: Readonly<Record<ComplexityClass, (n: number) => number>> = {
  '1': () => 1,
  'log n': (n) => Math.log(n),
  n: (n) => n,
  'n log n': (n) => n * Math.log(n),
  'n^2': (n) => n ** 2,
  'n^3': (n) => n ** 3,
};

const LABELS: Readonly<Record<ComplexityClass, string>> = {
  '1': 'O(1)',
  'log n': 'O(log n)',
  n: 'O(n)',
  'n log n': 'O(n log n)',
  'n^2': 'O(n²)',
  'n^3': 'O(n³)',
};

/** Between these sizes no two neighbours differ by more than noise: largest over smallest. */
const MINIMUM_SPAN = 8;
/** What telling n from n log n takes (notes on profiling, 8): the two differ by 1.8 over 2 decades. */
const FINE = { sizes: 8, span: 100, noise: 0.03 } as const;
/** An error of prediction beyond that is no fit: neighbours as close as n and n² differ by 2 over one doubling. */
const NO_CLASS = 0.5;
/** Slopes that differ by this much belong to different classes: n and n log n differ by about 0.1. */
const SLOPE_DIFFERENCE = 0.3;
/** The steepest class has 3. */
const STEEPEST_SLOPE = 3.4;
/** From the smallest size to the largest: less is called none, for all that is fixed hides what grows. */
const LEAST_GROWTH = 1.1;
/** Log errors. Where no class fits, standard errors are huge, and anything would be within one. */
const LARGEST_TOLERANCE = 0.1;
/** A prediction of 0 has no logarithm; a thousandfold miss is as good as any. */
const LARGEST_ERROR = Math.log(1000);
/** Standard deviation from a median absolute deviation, and of a median from a standard deviation, for normal data. */
const NORMAL_CONSISTENCY = 1.4826022185056018;
const MEDIAN_INEFFICIENCY = 1.2533;

/** The simplest class that predicts sizes left out about as well as the best one does; or why none is named. */
export function fitComplexity(levels: readonly SizeLevel[]): ComplexityFit | NoFit {
  const measured = levels.filter(({ times }) => times.length > 0).sort((a, b) => a.size - b.size);
  const refusal =
    refuseLevels(
      measured.map(({ size, times }) => ({ value: size, samples: times })),
      'size',
    ) ?? refuseSpan(measured);
  if (refusal !== null) return refusal;
  const points = measured.map(({ size, times }) => ({ size, time: median(times) }));
  const scored = COMPLEXITY_CLASSES.map((name) => ({ name, errors: leftOutErrors(points, name) }));
  const { chosen, withinNoise } = choose(points, scored);
  const model = fitModel(points, chosen);
  const noise = noiseOf(measured);
  const doubt = doubtAbout(chosen, withinNoise, points, noise);
  const slope = theilSenSlope(upperHalf(points));
  const error = typicalError(errorsOf(scored, chosen));
  return {
    kind: 'complexity',
    class: chosen,
    label: doubt === null ? LABELS[chosen] : '≈ linear',
    settled: doubt === null && error <= NO_CLASS,
    why: explain(chosen, scored, withinNoise, doubt),
    candidates: scored.map(({ name, errors }) => describe(points, name, errors, withinNoise)),
    slope,
    noise,
    sizes: points.length,
    warnings: warningsOf(measured, model, points, slope, error),
  };
}

/** Time on the curve of one of the candidates. */
export function timeAt(
  { class: name, fixed, per_unit }: Pick<ComplexityCandidate, 'class' | 'fixed' | 'per_unit'>,
  size: number,
): number {
  return fixed + per_unit * GROWTH[name](size);
}

interface Scored {
  readonly name: ComplexityClass;
  /** |log(measured / predicted)| of each size, predicted from the others. */
  readonly errors: readonly number[];
}

interface Choice {
  readonly chosen: ComplexityClass;
  /** All classes whose error is within one standard error of the best, simplest first. */
  readonly withinNoise: readonly ComplexityClass[];
}

/**
 * The simplest class within one standard error of the best (Breiman's rule), and none that grows where the time hardly
 * does. Without the two an O(1) function is given a class that grows in one of five sweeps: growth by almost nothing
 * always fits as well.
 */
function choose(points: readonly Point[], scored: readonly Scored[]): Choice {
  const best = scored.reduce((least, next) => (mean(next.errors) < mean(least.errors) ? next : least));
  const limit = mean(best.errors) + Math.min(standardError(best.errors), LARGEST_TOLERANCE);
  const withinNoise = scored.filter(({ errors }) => mean(errors) <= limit).map(({ name }) => name);
  const simplest = withinNoise[0] ?? best.name;
  if (simplest === '1' || growthOf(fitModel(points, simplest), points) >= LEAST_GROWTH) {
    return { chosen: simplest, withinNoise };
  }
  return { chosen: '1', withinNoise: ['1', ...withinNoise] };
}

function growthOf(model: Model, points: readonly Point[]): number {
  return evaluate(model, points.at(-1)?.size ?? 1) / evaluate(model, points[0]?.size ?? 1);
}

function leftOutErrors(points: readonly Point[], name: ComplexityClass): readonly number[] {
  return points.map(({ size, time }, left) => {
    const model = fitModel(
      points.filter((_, index) => index !== left),
      name,
    );
    const predicted = evaluate(model, size);
    return predicted > 0 ? Math.min(LARGEST_ERROR, Math.abs(Math.log(time / predicted))) : LARGEST_ERROR;
  });
}

/** Least squares of relative errors (weights 1 / t²): times over three decades must all have a say. */
function fitModel(points: readonly Point[], name: ComplexityClass): Model {
  const grows = name !== '1';
  const [fixed = 0, perUnit = 0] = solveNonnegative(
    points.map(({ size, time }) => ({
      factors: grows ? [1, GROWTH[name](size)] : [1],
      value: time,
      weight: 1 / time ** 2,
    })),
    grows ? 2 : 1,
  );
  return { class: name, fixed, perUnit };
}

function evaluate({ class: name, fixed, perUnit }: Model, size: number): number {
  return fixed + perUnit * GROWTH[name](size);
}

function describe(
  points: readonly Point[],
  name: ComplexityClass,
  errors: readonly number[],
  withinNoise: readonly ComplexityClass[],
): ComplexityCandidate {
  const { fixed, perUnit } = fitModel(points, name);
  return {
    class: name,
    fixed,
    per_unit: perUnit,
    left_out_error: typicalError(errors),
    ruled_out: !withinNoise.includes(name),
  };
}

function refuseSpan(levels: readonly SizeLevel[]): NoFit | null {
  const [smallest, largest] = [levels[0]?.size ?? 0, levels.at(-1)?.size ?? 0];
  if (smallest < 1) {
    return {
      kind: 'none',
      reason: 'not_positive',
      text: `A size of ${smallest} has no logarithm that counts work; sizes start at 1.`,
    };
  }
  if (largest >= MINIMUM_SPAN * smallest) return null;
  return {
    kind: 'none',
    reason: 'too_narrow',
    text: `Sizes from ${smallest} to ${largest} are too close together for a class; the largest has to be ${MINIMUM_SPAN} times the smallest.`,
  };
}

/** How well the times of the sizes are known: the relative standard error of their medians, in the median over sizes. */
function noiseOf(levels: readonly SizeLevel[]): number | null {
  const errors = levels.flatMap(({ times }) => {
    if (times.length < 3) return [];
    const spread = NORMAL_CONSISTENCY * medianAbsoluteDeviation(times.map(Math.log));
    return [(MEDIAN_INEFFICIENCY * spread) / Math.sqrt(times.length)];
  });
  return errors.length === 0 ? null : median(errors);
}

/** Why n and n log n cannot be told apart here; null when they can, or when it is about other classes. */
function doubtAbout(
  chosen: ComplexityClass,
  withinNoise: readonly ComplexityClass[],
  points: readonly Point[],
  noise: number | null,
): string | null {
  if (chosen !== 'n' && chosen !== 'n log n') return null;
  const lacks = [
    ...(points.length < FINE.sizes ? [`${FINE.sizes} sizes (${points.length} were measured)`] : []),
    ...((points.at(-1)?.size ?? 0) < FINE.span * (points[0]?.size ?? 0) ? ['a span of two decades'] : []),
    ...(noise === null ? ['three processes for each size'] : []),
    ...(noise !== null && noise > FINE.noise
      ? [`times known to ${percent(FINE.noise)} (here ${percent(noise)})`]
      : []),
  ];
  if (lacks.length > 0) return `telling O(n) from O(n log n) takes ${lacks.join(', ')}`;
  return withinNoise.includes('n') && withinNoise.includes('n log n')
    ? 'O(n) and O(n log n) predict the sizes equally well'
    : null;
}

function explain(
  chosen: ComplexityClass,
  scored: readonly Scored[],
  withinNoise: readonly ComplexityClass[],
  doubt: string | null,
): string {
  const error = percent(typicalError(errorsOf(scored, chosen)));
  const predicts = `${LABELS[chosen]} predicts each size from the others to within ${error}`;
  if (doubt !== null) return `${predicts}, but ${doubt}.`;
  const equal = withinNoise.filter((name) => name !== chosen).map((name) => LABELS[name]);
  const nearest = scored
    .filter(({ name }) => !withinNoise.includes(name))
    .reduce<Scored | null>(
      (best, next) => (best && mean(best.errors) <= mean(next.errors) ? best : next),
      null,
    );
  return [
    predicts,
    ...(equal.length > 0 ? [`${equal.join(', ')} no better, and the simplest is taken`] : []),
    ...(nearest ? [`${LABELS[nearest.name]} only to ${percent(typicalError(nearest.errors))}`] : []),
  ]
    .join('; ')
    .concat('.');
}

function warningsOf(
  levels: readonly SizeLevel[],
  model: Model,
  points: readonly Point[],
  slope: number,
  error: number,
): Warning[] {
  const fitted = points.map(({ size }) => ({ size, time: evaluate(model, size) }));
  const expected = theilSenSlope(upperHalf(fitted));
  const steeper = model.class === 'n^3' && slope > STEEPEST_SLOPE;
  return [
    ...(steeper ? [WARNINGS.steeper_than_classes(slope)] : []),
    ...(!steeper && error > NO_CLASS ? [WARNINGS.no_class_fits(error)] : []),
    ...(!steeper && Math.abs(slope - expected) > SLOPE_DIFFERENCE
      ? [WARNINGS.growth_changes(slope, expected)]
      : []),
    ...(levels.some(({ times }) => times.length < 3) ? [WARNINGS.few_samples_per_point(3)] : []),
  ];
}

/** The larger sizes, where fixed costs are smallest: n² with them reads as 1.4 to 1.9 over all sizes. */
function upperHalf(points: readonly Point[]): readonly Point[] {
  return points.slice(Math.min(Math.floor(points.length / 2), points.length - 3));
}

/** The median of the slopes of all pairs (Sen 1968), on logarithms: the exponent of a power law. */
function theilSenSlope(points: readonly Point[]): number {
  const slopes = points.flatMap((a, i) =>
    points
      .slice(i + 1)
      .filter((b) => b.size !== a.size)
      .map((b) => Math.log(b.time / a.time) / Math.log(b.size / a.size)),
  );
  return median(slopes);
}

function errorsOf(scored: readonly Scored[], name: ComplexityClass): readonly number[] {
  return scored.find((candidate) => candidate.name === name)?.errors ?? [];
}

/** A mean log error as a ratio: 0.02 = 2 % off. */
function typicalError(errors: readonly number[]): number {
  return Math.exp(mean(errors)) - 1;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function standardError(values: readonly number[]): number {
  const middle = mean(values);
  const variance = values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (values.length - 1);
  return Math.sqrt(variance / values.length);
}

function percent(ratio: number): string {
  return `${Number((ratio * 100).toPrecision(2))} %`;
}
