import { METRICS } from '../model/metrics.ts';
import type { Coefficient, NoFit, Peak, ScalabilityFit } from '../model/sweep.ts';
import type { Warning } from '../model/warning.ts';
import { type Random, seededRandom } from '../random.ts';
import { median } from '../stats/order-statistics.ts';
import { WARNINGS } from '../warnings.ts';
import { refuseLevels } from './levels.ts';
import { fitRobustLog, HUBER_TURN, logResiduals, type Observation, predict } from './robust-log-fit.ts';

/** One level of concurrency and what each fresh process reached there, in operations per second. */
export interface ConcurrencyLevel {
  readonly concurrency: number;
  readonly throughputs: readonly number[];
}

export interface ScalabilityOptions {
  readonly seed: number;
  /** Bootstrap refits; 400 put a 95 % end at the tenth smallest, and take about 0.1 s. */
  readonly resamples?: number;
}

/**
 * The law in terms of residence time: N / X(N) = parallel + serial N + crosstalk N (N - 1), so contention is
 * serial / (parallel + serial) and coherency is crosstalk / (parallel + serial). Linear, which makes each step of the
 * fit exact.
 */
interface Law {
  readonly parallel: number;
  readonly serial: number;
  readonly crosstalk: number;
}

/** A sweep that ends at the peak shows a plateau, which many peaks fit: 13 to 180,628 for a true 34.5 (notes on profiling, 8). */
const PEAK_MARGIN = 1.5;
/**
 * The least decline from the best level to the last that is one, as METRICS has it for throughput. A queue in front of
 * one lock saturates more sharply than the law can bend, which then sees a peak on what is a plateau.
 */
const LEAST_DECLINE = METRICS.throughput_rps.minimumEffect;
const RESAMPLES = 400;
const CONFIDENCE = 0.95;
/** Residuals below a tenth of a per cent are the grain of the numbers and not noise. */
const SMALLEST_SPREAD = 1e-3;
/** Of N contention + N² coherency a start may have; nine, as the loss has local minima with outliers. */
const START_CONTENTIONS = [0.005, 0.1, 0.6];
const START_COHERENCIES = [0, 1e-4, 1e-2];
/** Ratio by which levels may miss the curve before the law is no description of the sweep. */
const MISFIT = 0.1;
/** What is left of the starts' constants for normal data: 1 / probit(3/4). */
const NORMAL_CONSISTENCY = 1.4826022185056018;

/** Gunther's law over measured levels, or why not. Throughputs of a failed process are left out by the caller. */
export function fitScalability(
  levels: readonly ConcurrencyLevel[],
  { seed, resamples = RESAMPLES }: ScalabilityOptions,
): ScalabilityFit | NoFit {
  const measured = levels.filter(({ throughputs }) => throughputs.length > 0);
  const refusal = refuseLevels(
    measured.map(({ concurrency, throughputs }) => ({ value: concurrency, samples: throughputs })),
    'concurrency',
  );
  if (refusal !== null) return refusal;
  const observations = measured.flatMap(({ concurrency, throughputs }) =>
    throughputs.map((throughput) => observe(concurrency, concurrency / throughput)),
  );
  const { unknowns, turn } = fitFromManyStarts(observations);
  const replicates = bootstrap(observations, unknowns, turn, resamples, seededRandom(seed));
  const law = lawOf(unknowns);
  const misfit = misfitOf(measured, law);
  return {
    kind: 'universal-scalability-law',
    rate_of_one: coefficient(law, replicates, rateOfOne),
    contention: coefficient(law, replicates, contention),
    coherency: coefficient(law, replicates, coherency),
    peak: judgePeak(measured, law, replicates),
    misfit,
    levels: new Set(measured.map(({ concurrency }) => concurrency)).size,
    samples: observations.length,
    warnings: warningsOf(measured, misfit),
  };
}

/** Throughput on the fitted curve. */
export function throughputAt(fit: ScalabilityFit, concurrency: number): number {
  const n = concurrency;
  return (
    (fit.rate_of_one.value * n) / (1 + fit.contention.value * (n - 1) + fit.coherency.value * n * (n - 1))
  );
}

function observe(concurrency: number, residence: number): Observation {
  return { factors: [1, concurrency, 1 + concurrency * (concurrency - 1)], value: residence };
}

/** Unknowns >= 0 with a crosstalk that brings as much parallel time along: contention and coherency end up in 0 to 1, the peak at 1 or more. */
function lawOf([alone = 0, serial = 0, crosstalk = 0]: readonly number[]): Law {
  return { parallel: alone + crosstalk, serial, crosstalk };
}

function rateOfOne({ parallel, serial }: Law): number {
  return 1 / (parallel + serial);
}

function contention({ parallel, serial }: Law): number {
  return serial / (parallel + serial);
}

function coherency({ parallel, serial, crosstalk }: Law): number {
  return crosstalk / (parallel + serial);
}

/** Where the curve is highest; infinite without crosstalk. */
function peakOf({ parallel, crosstalk }: Law): number {
  return crosstalk === 0 ? Infinity : Math.sqrt(parallel / crosstalk);
}

function throughputOf({ parallel, serial, crosstalk }: Law, n: number): number {
  return n / (parallel + serial * n + crosstalk * n * (n - 1));
}

/**
 * First with an almost absolute loss, which a third of outliers cannot move; its residuals give the spread, and
 * from its optimum and from all starts again the loss is Huber's at that spread.
 */
function fitFromManyStarts(observations: readonly Observation[]) {
  const starts = startsFor(observations);
  const resistant = bestOf(observations, starts, SMALLEST_SPREAD);
  const turn = HUBER_TURN * spreadOf(logResiduals(observations, resistant));
  return { unknowns: bestOf(observations, [resistant, ...starts], turn), turn };
}

function bestOf(
  observations: readonly Observation[],
  starts: readonly (readonly number[])[],
  turn: number,
): readonly number[] {
  const fits = starts.map((start) => fitRobustLog(observations, start, turn));
  return fits.reduce((best, fit) => (fit.loss < best.loss ? fit : best)).unknowns;
}

/** Shapes of curve, each at the height that the data have. */
function startsFor(observations: readonly Observation[]): readonly (readonly number[])[] {
  return START_CONTENTIONS.flatMap((sigma) =>
    START_COHERENCIES.map((kappa) => {
      const shape = [1 - sigma - kappa, sigma, kappa];
      const height = Math.exp(median(logResiduals(observations, shape)));
      return shape.map((value) => value * height);
    }),
  );
}

/** A fit of three numbers makes up to three residuals 0, so the three smallest say nothing about the spread. */
function spreadOf(residuals: readonly number[]): number {
  const sizes = residuals.map(Math.abs).sort((a, b) => a - b);
  return Math.max(SMALLEST_SPREAD, NORMAL_CONSISTENCY * median(sizes.slice(3)));
}

/**
 * Wild bootstrap: each residual stays at its level, where noise may be larger than elsewhere, and gets a fair coin
 * for its sign.
 */
function bootstrap(
  observations: readonly Observation[],
  unknowns: readonly number[],
  turn: number,
  resamples: number,
  random: Random,
): readonly Law[] {
  const residuals = logResiduals(observations, unknowns);
  const inflation = inflationOf(observations, residuals, turn);
  return Array.from({ length: resamples }, () => {
    const drawn = observations.map(({ factors }, i) => ({
      factors,
      value:
        predict(factors, unknowns) *
        Math.exp((random.coin() === 1 ? inflation : -inflation) * (residuals[i] ?? 0)),
    }));
    return lawOf(fitRobustLog(drawn, unknowns, turn).unknowns);
  });
}

/**
 * How much larger than the residuals the noise has to be taken. They are too small by n / (n - 3) in variance, for
 * three numbers were fitted to them. And samples of a level may share an error (a slow minute, a law that doesn't
 * hold there), which coins for each sample would average out: where the means of levels scatter more than the
 * samples explain, by that. Without it a 95 % interval held in 58 % of sweeps whose levels were each off by 3 %.
 */
function inflationOf(
  observations: readonly Observation[],
  residuals: readonly number[],
  turn: number,
): number {
  const clipped = residuals.map((residual) => Math.max(-turn, Math.min(turn, residual)));
  const byLevel = new Map<number, number[]>();
  observations.forEach(({ factors: [, level = 0] }, i) => {
    byLevel.set(level, [...(byLevel.get(level) ?? []), clipped[i] ?? 0]);
  });
  const n = observations.length;
  const total = sumOfSquares(clipped) / Math.max(1, n - 3);
  const between = [...byLevel.values()].reduce((sum, members) => {
    return sum + members.reduce((added, residual) => added + residual, 0) ** 2 / members.length;
  }, 0);
  const levels = Math.max(1, byLevel.size - 3);
  const shared = total > 0 ? Math.max(1, between / levels / total) : 1;
  // Student's t over the normal quantile at 95 %, to first order: the spread itself is an estimate from n - 3.
  const uncertain = 1 + 1.21 / Math.max(1, n - 3);
  return uncertain * Math.sqrt((n / Math.max(1, n - 3)) * shared);
}

function sumOfSquares(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value ** 2, 0);
}

function coefficient(law: Law, replicates: readonly Law[], of: (law: Law) => number): Coefficient {
  const value = of(law);
  // The estimate belongs to its interval, also where a bound such as 0 holds most refits on one side of it.
  const [low, high] = percentileInterval([...replicates.map(of), value]);
  return { value, interval: [Math.min(low, value), Math.max(high, value)] };
}

/** Order statistics and no interpolation: a peak may be at infinity, which is not reported then. */
function percentileInterval(values: readonly number[]): readonly [number, number] {
  const sorted = [...values].sort((a, b) => a - b);
  const outside = Math.floor(((1 - CONFIDENCE) / 2) * sorted.length);
  return [sorted[outside] ?? NaN, sorted[sorted.length - 1 - outside] ?? NaN];
}

function judgePeak(levels: readonly ConcurrencyLevel[], law: Law, replicates: readonly Law[]): Peak {
  const highest = Math.max(...levels.map(({ concurrency }) => concurrency));
  const place = peakOf(law);
  if (!Number.isFinite(place)) {
    return {
      status: 'no_peak',
      text: `Up to ${highest} the curve shows no cost that grows with each pair: it flattens and has no peak.`,
    };
  }
  const concurrency = coefficient(law, replicates, peakOf);
  const [, upper] = concurrency.interval;
  const objection =
    highest < PEAK_MARGIN * place
      ? `The sweep ended at ${highest}; a peak is named only when the sweep went ${PEAK_MARGIN} times as far, for before that many peaks fit the same points.`
      : upper > highest
        ? `The sweep reached ${highest}, and its noise leaves room for a peak beyond that.`
        : declineOf(levels, highest) < LEAST_DECLINE
          ? `At ${highest} the throughput is within ${LEAST_DECLINE * 100} % of the best level: a plateau, and no peak was passed.`
          : null;
  return objection === null
    ? { status: 'named', concurrency, throughput: throughputOf(law, place) }
    : { status: 'not_passed', text: objection };
}

/** By how much the highest level lies below the best one, as measured: a curve may bend where the points do not. */
function declineOf(levels: readonly ConcurrencyLevel[], highest: number): number {
  const medians = levels.map(({ concurrency, throughputs }) => ({
    concurrency,
    throughput: median(throughputs),
  }));
  const last = medians.find(({ concurrency }) => concurrency === highest)?.throughput ?? 0;
  return 1 - last / Math.max(...medians.map(({ throughput }) => throughput));
}

/** Distance between the curve and the median of each level, as a ratio; the median over the levels. */
function misfitOf(levels: readonly ConcurrencyLevel[], law: Law): number {
  const distances = levels.map(({ concurrency, throughputs }) =>
    Math.abs(Math.log(median(throughputs) / throughputOf(law, concurrency))),
  );
  return Math.exp(median(distances)) - 1;
}

function warningsOf(levels: readonly ConcurrencyLevel[], misfit: number): Warning[] {
  return [
    ...(misfit > MISFIT ? [WARNINGS.curve_misses(misfit)] : []),
    ...(levels.some(({ throughputs }) => throughputs.length < 3) ? [WARNINGS.few_samples_per_point(3)] : []),
  ];
}
