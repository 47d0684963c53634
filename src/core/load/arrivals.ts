import { seededRandom } from '../random.ts';

/**
 * When requests are due. `constant`: at equal distances. `poisson`: as independent users come, in clusters and with gaps.
 * `steps`: factors of the rate, each for an equal part of the window. `ramp`: a factor that changes evenly over the window.
 */
export type Arrivals =
  | 'constant'
  | 'poisson'
  | { readonly steps: readonly number[] }
  | { readonly ramp: { readonly from: number; readonly to: number } };

export interface ArrivalPlan {
  readonly arrivals: Arrivals;
  readonly ratePerS: number;
  readonly durationMs: number;
  readonly seed: number;
}

/**
 * The intended times of a window in ms from its start, in order, all before its end. They follow from the plan alone, so both
 * sides of a block get the same ones. There is one at least: a window in which nothing is due would measure nothing.
 */
export function* intendedTimes(plan: ArrivalPlan): Generator<number, void> {
  let some = false;
  for (const at of timesOf(plan)) {
    some = true;
    yield at;
  }
  if (!some) yield 0;
}

/** How many arrivals a plan has: exactly, but for Poisson, where it is the expected number. */
export function expectedArrivals({ arrivals, ratePerS, durationMs }: Omit<ArrivalPlan, 'seed'>): number {
  return (ratePerS * durationMs * meanFactor(arrivals)) / 1_000;
}

function meanFactor(arrivals: Arrivals): number {
  if (typeof arrivals === 'string') return 1;
  if ('ramp' in arrivals) return (arrivals.ramp.from + arrivals.ramp.to) / 2;
  return arrivals.steps.reduce((sum, factor) => sum + factor, 0) / arrivals.steps.length;
}

function timesOf(plan: ArrivalPlan): Iterable<number> {
  const { arrivals, durationMs } = plan;
  const perMs = plan.ratePerS / 1_000;
  if (arrivals === 'constant') return stepTimes([1], perMs, durationMs);
  if (arrivals === 'poisson') return poissonTimes(perMs, durationMs, plan.seed);
  return 'steps' in arrivals
    ? stepTimes(arrivals.steps, perMs, durationMs)
    : rampTimes(arrivals.ramp, perMs, durationMs);
}

/** Exponential gaps by inversion; `next()` is below 1, so the logarithm is finite. */
function* poissonTimes(perMs: number, durationMs: number, seed: number): Generator<number, void> {
  const random = seededRandom(seed);
  for (let at = 0; ;) {
    at -= Math.log(1 - random.next()) / perMs;
    if (at >= durationMs) return;
    yield at;
  }
}

/**
 * The k-th arrival is due when the integral of the rate reaches k. Distances are equal within a part, and what a part leaves
 * over of an arrival is carried into the next, so the count is that of the whole window, rounded.
 */
function* stepTimes(factors: readonly number[], perMs: number, durationMs: number): Generator<number, void> {
  const partMs = durationMs / factors.length;
  const total = roundCount(factors.reduce((sum, factor) => sum + factor * perMs * partMs, 0));
  let due = 0;
  let before = 0;
  for (const [part, factor] of factors.entries()) {
    const rate = factor * perMs;
    const until = before + rate * partMs;
    // Absolute in its part: rounding errors never add up.
    for (; due < total && due < until; due++) yield part * partMs + (due - before) / rate;
    before = until;
  }
}

/** The root of `start·t + slope·t²/2 = k` in the form that has no cancellation, also for a ramp of no slope. */
function* rampTimes(
  { from, to }: { readonly from: number; readonly to: number },
  perMs: number,
  durationMs: number,
): Generator<number, void> {
  const start = from * perMs;
  const slope = ((to - from) * perMs) / durationMs;
  const total = roundCount(((from + to) / 2) * perMs * durationMs);
  for (let k = 0; k < total; k++) {
    const root = Math.sqrt(Math.max(0, start * start + 2 * slope * k));
    yield k === 0 ? 0 : (2 * k) / (start + root);
  }
}

/** Rounded to nine decimals first: 0.1 · 30 is 3.0000000000000004 in floating point. */
function roundCount(count: number): number {
  return Math.round(Number(count.toFixed(9)));
}
