import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normalQuantile } from '../../../src/core/stats/normal-quantile.ts';
import { wilsonInterval } from '../../../src/core/stats/proportion.ts';

describe('normalQuantile', () => {
  it('gives the tabulated quantiles', () => {
    for (const [p, z] of [
      [0.5, 0],
      [0.8, 0.841621234],
      [0.95, 1.644853627],
      [0.975, 1.959963985],
      [0.995, 2.575829304],
      [0.9995, 3.290526731],
      [0.001, -3.090232306],
    ] as const) {
      expect(normalQuantile(p)).toBeCloseTo(z, 7);
    }
  });
});

describe('wilsonInterval', () => {
  it('gives the published examples', () => {
    // Newcombe, Statistics in Medicine 17 (1998), table I, method 3.
    for (const [r, n, low, high] of [
      [81, 263, 0.2553, 0.3662],
      [15, 148, 0.0624, 0.1605],
      [0, 20, 0, 0.1611],
      [1, 29, 0.0061, 0.1718],
    ] as const) {
      const interval = wilsonInterval({ share: r / n, n }) ?? [Number.NaN, Number.NaN];
      expect(interval[0]).toBeCloseTo(low, 4);
      expect(interval[1]).toBeCloseTo(high, 4);
    }
  });

  it('is as wide as its effective sample size', () => {
    expect(wilsonInterval({ share: 0.3, n: 1000, effectiveN: 100 })).toEqual(
      wilsonInterval({ share: 0.3, n: 100 }),
    );
    // More than was observed is not believed.
    expect(wilsonInterval({ share: 0.3, n: 100, effectiveN: 1e6 })).toEqual(
      wilsonInterval({ share: 0.3, n: 100 }),
    );
  });

  it('is null without observations, and within 0 to 1 around the share otherwise', () => {
    expect(wilsonInterval({ share: 0, n: 0 })).toBeNull();
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), fc.double({ min: 0, max: 1, noNaN: true }), (n, part) => {
        const share = Math.round(part * n) / n;
        const [low, high] = wilsonInterval({ share, n }) ?? [Number.NaN, Number.NaN];
        expect(low).toBeGreaterThanOrEqual(0);
        expect(high).toBeLessThanOrEqual(1);
        expect(low).toBeLessThanOrEqual(share);
        expect(high).toBeGreaterThanOrEqual(share);
      }),
    );
  });
});
