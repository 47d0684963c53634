import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expectedArrivals, intendedTimes } from '../../../src/core/load/arrivals.ts';
import type { ArrivalPlan, Arrivals } from '../../../src/core/load/arrivals.ts';

const timesOf = (plan: ArrivalPlan): readonly number[] => [...intendedTimes(plan)];

const factor = fc.double({ min: 0.05, max: 4, noNaN: true });
const arrivals: fc.Arbitrary<Arrivals> = fc.oneof(
  fc.constant('constant' as const),
  fc.constant('poisson' as const),
  fc.array(factor, { minLength: 1, maxLength: 6 }).map((steps) => ({ steps })),
  fc.tuple(factor, factor).map(([from, to]) => ({ ramp: { from, to } })),
);
const plans: fc.Arbitrary<ArrivalPlan> = fc.record({
  arrivals,
  ratePerS: fc.double({ min: 1, max: 900, noNaN: true }),
  durationMs: fc.integer({ min: 100, max: 5_000 }),
  seed: fc.integer(),
});

/** Largest distance between the empirical distribution of the values and the given one. */
function kolmogorovSmirnov(values: readonly number[], cdf: (value: number) => number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return Math.max(
    ...sorted.map((value, index) => {
      const at = cdf(value);
      return Math.max(at - index / sorted.length, (index + 1) / sorted.length - at);
    }),
  );
}

const gapsOf = (times: readonly number[]): readonly number[] =>
  times.slice(1).map((at, index) => at - (times[index] as number));

describe('intended times', () => {
  it('lie in order in the window, and are the same for the same plan', () => {
    fc.assert(
      fc.property(plans, (plan) => {
        const times = timesOf(plan);
        expect(times.length).toBeGreaterThan(0);
        expect(times.every((at) => at >= 0 && at < plan.durationMs)).toBe(true);
        expect(gapsOf(times).every((gap) => gap >= 0)).toBe(true);
        expect(timesOf(plan)).toEqual(times);
      }),
      { numRuns: 200, seed: 11 },
    );
  });

  it('are as many as the rate says, over the whole window', () => {
    fc.assert(
      fc.property(plans, (plan) => {
        const expected = expectedArrivals(plan);
        const count = timesOf(plan).length;
        // A Poisson count has its mean as its variance: five standard deviations and one.
        const room =
          plan.arrivals === 'poisson' ? 5 * Math.sqrt(expected) + 1 : expected < 0.5 ? 1 : 0.5 + 1e-6;
        expect(Math.abs(count - expected)).toBeLessThanOrEqual(room);
      }),
      { numRuns: 300, seed: 12 },
    );
  });

  it('are at equal distances when constant', () => {
    const times = timesOf({ arrivals: 'constant', ratePerS: 200, durationMs: 1_000, seed: 1 });
    expect(times).toHaveLength(200);
    times.forEach((at, index) => expect(at).toBeCloseTo(index * 5, 9));
  });

  it('have exponential gaps when Poisson, and not when constant', () => {
    const plan = { ratePerS: 500, durationMs: 20_000, seed: 3 };
    const exponential = (gap: number): number => 1 - Math.exp(-gap * 0.5);
    const poisson = gapsOf(timesOf({ ...plan, arrivals: 'poisson' }));
    // 1.63 / sqrt(n): the limit of the one-sample test at 1 %.
    expect(kolmogorovSmirnov(poisson, exponential)).toBeLessThan(1.63 / Math.sqrt(poisson.length));
    const constant = gapsOf(timesOf({ ...plan, arrivals: 'constant' }));
    expect(kolmogorovSmirnov(constant, exponential)).toBeGreaterThan(0.5);
  });

  it('have independent gaps when Poisson: neighbours do not correlate', () => {
    const gaps = gapsOf(timesOf({ arrivals: 'poisson', ratePerS: 1_000, durationMs: 20_000, seed: 9 }));
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
    const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length;
    const products = gapsOf(gaps).map(
      (_, at) => ((gaps[at] as number) - mean) * ((gaps[at + 1] as number) - mean),
    );
    const correlation = products.reduce((sum, value) => sum + value, 0) / products.length / variance;
    // Standard error 1 / sqrt(n), four of them.
    expect(Math.abs(correlation)).toBeLessThan(4 / Math.sqrt(gaps.length));
  });

  it('differ from seed to seed when Poisson', () => {
    const plan = { arrivals: 'poisson', ratePerS: 50, durationMs: 1_000 } as const;
    expect(timesOf({ ...plan, seed: 1 })).not.toEqual(timesOf({ ...plan, seed: 2 }));
  });

  it('come in each part of steps as often as its factor says', () => {
    const times = timesOf({ arrivals: { steps: [0.5, 0, 2, 1] }, ratePerS: 100, durationMs: 4_000, seed: 1 });
    const inPart = [0, 1, 2, 3].map(
      (part) => times.filter((at) => at >= part * 1_000 && at < (part + 1) * 1_000).length,
    );
    expect(inPart).toEqual([50, 0, 200, 100]);
  });

  it('get denser over a ramp as its line says', () => {
    const times = timesOf({
      arrivals: { ramp: { from: 0, to: 2 } },
      ratePerS: 100,
      durationMs: 4_000,
      seed: 1,
    });
    expect(times).toHaveLength(400);
    // The integral of the rate up to half of the time is a quarter of the whole.
    expect(times.filter((at) => at < 2_000)).toHaveLength(100);
    const down = timesOf({
      arrivals: { ramp: { from: 2, to: 0 } },
      ratePerS: 100,
      durationMs: 4_000,
      seed: 1,
    });
    expect(down.filter((at) => at < 2_000 - 1e-6)).toHaveLength(300);
  });

  it('hold at least one arrival, however short the window', () => {
    expect(timesOf({ arrivals: 'poisson', ratePerS: 0.001, durationMs: 10, seed: 4 })).toEqual([0]);
    expect(timesOf({ arrivals: 'constant', ratePerS: 0.001, durationMs: 10, seed: 4 })).toEqual([0]);
  });
});
