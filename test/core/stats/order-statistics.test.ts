import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InternalError } from '../../../src/core/errors.ts';
import { seededRandom } from '../../../src/core/random.ts';
import {
  median,
  medianAbsoluteDeviation,
  medianInterval,
  quantile,
  robustStandardDeviation,
} from '../../../src/core/stats/order-statistics.ts';
import { normal } from './noise.ts';

describe('median, quantile, medianAbsoluteDeviation', () => {
  it('agree with R 4 (type 7)', () => {
    // R: quantile(c(15, 20, 35, 40, 50), c(.05, .4, .95)); mad(c(1, 1, 2, 2, 4, 6, 9), constant = 1)
    const values = [35, 15, 50, 20, 40];
    expect(quantile(values, 0.05)).toBeCloseTo(16, 12);
    expect(quantile(values, 0.4)).toBeCloseTo(29, 12);
    expect(quantile(values, 0.95)).toBeCloseTo(48, 12);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(medianAbsoluteDeviation([1, 1, 2, 2, 4, 6, 9])).toBe(1);
  });

  it('leave their argument as it is', () => {
    const values = [3, 1, 2];
    median(values);
    quantile(values, 0.9);
    medianInterval(values, 0.5);
    expect(values).toEqual([3, 1, 2]);
  });

  it('refuse what has no answer', () => {
    expect(() => median([])).toThrow(InternalError);
    expect(() => median([1, Number.NaN])).toThrow(InternalError);
    expect(() => quantile([1], 1.5)).toThrow(InternalError);
    expect(() => medianInterval([1], 1)).toThrow(InternalError);
  });

  it('estimate the standard deviation of normal noise and shrug off one stall in ten', () => {
    const random = seededRandom(3);
    const values = Array.from({ length: 4000 }, (_, i) => normal(random) + (i % 10 === 0 ? 50 : 0));
    expect(robustStandardDeviation(values)).toBeGreaterThan(0.95);
    expect(robustStandardDeviation(values)).toBeLessThan(1.25);
  });
});

describe('medianInterval', () => {
  it('uses the published ranks', () => {
    // Conover, Practical Nonparametric Statistics, 3.2: ranks of the 95 % interval from binomial(n, 1/2).
    const ranks = (n: number): unknown => {
      const { interval, confidence } = medianInterval(
        Array.from({ length: n }, (_, i) => i + 1),
        0.95,
      );
      return [interval, confidence && Number(confidence.toFixed(4))];
    };
    expect(ranks(5)).toEqual([null, null]);
    expect(ranks(6)).toEqual([[1, 6], 0.9688]);
    expect(ranks(8)).toEqual([[1, 8], 0.9922]);
    expect(ranks(9)).toEqual([[2, 8], 0.9609]);
    expect(ranks(10)).toEqual([[2, 9], 0.9785]);
    expect(ranks(15)).toEqual([[4, 12], 0.9648]);
    expect(ranks(20)).toEqual([[6, 15], 0.9586]);
    expect(ranks(25)).toEqual([[8, 18], 0.9567]);
  });

  it('covers the true median as often as it says, for skewed noise too', () => {
    const random = seededRandom(4);
    const trials = 2000;
    let covered = 0;
    let claimed = 0;
    for (let trial = 0; trial < trials; trial++) {
      const { interval, confidence } = medianInterval(
        Array.from({ length: 12 }, () => -Math.log(1 - random.next())),
        0.95,
      );
      if (interval !== null && interval[0] <= Math.LN2 && Math.LN2 <= interval[1]) covered++;
      claimed = confidence ?? 0;
    }
    expect(claimed).toBeGreaterThan(0.95);
    expect(Math.abs(covered / trials - claimed)).toBeLessThan(0.015);
  });

  it('contains the median and reaches the confidence', () => {
    fc.assert(
      fc.property(fc.array(fc.integer(), { minLength: 1, maxLength: 40 }), (values) => {
        const { interval, confidence } = medianInterval(values, 0.9);
        expect(interval === null).toBe(values.length < 5);
        if (interval === null || confidence === null) return;
        expect(confidence).toBeGreaterThanOrEqual(0.9);
        expect(interval[0]).toBeLessThanOrEqual(median(values));
        expect(interval[1]).toBeGreaterThanOrEqual(median(values));
      }),
    );
  });
});
