import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/core/random.ts';
import { estimateShift, hodgesLehmann, sortedWalshAverages } from '../../../src/core/stats/hodges-lehmann.ts';
import { criticalValue, signedRank } from '../../../src/core/stats/signed-rank.ts';

describe('estimateShift', () => {
  it('is the example of Hollander and Wolfe, as R gives it', () => {
    // R: wilcox.test(y, x, paired = TRUE, conf.int = TRUE): (pseudo)median -0.46, interval [-0.786, -0.010].
    const differences = [-0.952, 0.147, -1.022, -0.43, -0.62, -0.59, -0.49, 0.08, -0.01];
    const { estimate, interval } = estimateShift(differences, criticalValue(9, 0.05));
    expect(estimate).toBeCloseTo(-0.46, 9);
    expect(interval?.[0]).toBeCloseTo(-0.786, 9);
    expect(interval?.[1]).toBeCloseTo(-0.01, 9);
  });

  it('has no interval without a critical value, and no estimate without data', () => {
    expect(estimateShift([1, 2], null)).toEqual({ estimate: 1.5, interval: null });
    expect(estimateShift([1, 2], 5)).toEqual({ estimate: 1.5, interval: null });
    expect(hodgesLehmann([])).toBeNull();
    expect(hodgesLehmann([4])).toBe(4);
  });

  const differences = fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 6, maxLength: 60 });

  it('contains its estimate and turns around with the signs', () => {
    fc.assert(
      fc.property(differences, (values) => {
        const critical = criticalValue(values.length, 0.05);
        const { estimate, interval } = estimateShift(values, critical);
        if (estimate === null || interval === null) throw new Error('expected an interval');
        expect(interval[0]).toBeLessThanOrEqual(estimate);
        expect(interval[1]).toBeGreaterThanOrEqual(estimate);
        const mirrored = estimateShift(
          values.map((value) => -value),
          critical,
        );
        expect(mirrored.estimate).toBeCloseTo(-estimate, 12);
        expect(mirrored.interval?.[0]).toBeCloseTo(-interval[1], 12);
      }),
      { numRuns: 60 },
    );
  });

  it('moves with the data', () => {
    fc.assert(
      fc.property(differences, fc.integer({ min: -100, max: 100 }), (values, shift) => {
        const moved = hodgesLehmann(values.map((value) => value + shift));
        expect(moved).toBeCloseTo((hodgesLehmann(values) ?? 0) + shift, 9);
      }),
      { numRuns: 60 },
    );
  });

  it('excludes a value exactly when the test rejects it (no ties), and is the cautious one with ties', () => {
    const coins = seededRandom(9);
    fc.assert(
      fc.property(
        // Multiples of 1 plus a distinct small fraction: no two Walsh averages cancel.
        fc.uniqueArray(fc.integer({ min: 1, max: 5000 }), { minLength: 6, maxLength: 30 }),
        fc.integer(),
        fc.integer({ min: 0, max: 60 }),
        (sizes, seed, critical) => {
          const random = seededRandom(seed);
          const values = sizes.map((size, i) => (random.coin() === 1 ? size : -size) + 2 ** -(i + 2));
          const { wPlus, wMinus } = signedRank(values, coins);
          const { interval } = estimateShift(values, critical);
          if (interval === null) return;
          expect(interval[0] > 0 || interval[1] < 0).toBe(Math.min(wPlus, wMinus) <= critical);
        },
      ),
    );
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -3, max: 6 }), { minLength: 8, maxLength: 24 }),
        fc.integer(),
        (values, seed) => {
          const critical = criticalValue(values.length, 0.05);
          const { interval } = estimateShift(values, critical);
          const { wPlus, wMinus } = signedRank(values, seededRandom(seed));
          if (interval !== null && (interval[0] > 0 || interval[1] < 0)) {
            expect(Math.min(wPlus, wMinus)).toBeLessThanOrEqual(critical ?? -1);
          }
        },
      ),
    );
  });

  it('counts positive Walsh averages as W+', () => {
    const averages = sortedWalshAverages([3, -1, 4.5, -2.25]);
    expect(averages).toHaveLength(10);
    expect(averages.filter((average) => average > 0)).toHaveLength(
      signedRank([3, -1, 4.5, -2.25], seededRandom(1)).wPlus,
    );
  });
});
