import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InternalError } from '../../../src/core/errors.ts';
import { METRICS } from '../../../src/core/model/metrics.ts';
import {
  changeInterval,
  changeOf,
  effectOf,
  pairedDifferences,
  shiftOf,
} from '../../../src/core/stats/paired-differences.ts';

describe('pairedDifferences', () => {
  it('is positive when the candidate is worse, whichever direction is better', () => {
    expect(pairedDifferences([100], [110], METRICS.latency_p95_ms)[0]).toBeCloseTo(Math.log(1.1), 12);
    expect(pairedDifferences([100], [110], METRICS.throughput_rps)[0]).toBeCloseTo(-Math.log(1.1), 12);
    expect(pairedDifferences([0], [0.25], METRICS.error_rate)).toEqual([0.25]);
    expect(pairedDifferences([5, 7], [5, 7], METRICS.throughput_rps)).toEqual([0, 0]);
  });

  it('refuses pairs that have no ratio, instead of giving an infinity', () => {
    for (const [a, b] of [
      [[0], [1]],
      [[1], [0]],
      [[-1], [-2]],
      [[1, 2], [1]],
      [[Number.NaN], [1]],
    ] as const) {
      expect(() => pairedDifferences(a, b, METRICS.latency_p95_ms)).toThrow(InternalError);
    }
  });
});

describe('changes', () => {
  it('come back as what the candidate did to the metric', () => {
    const throughput = METRICS.throughput_rps;
    const [shift = 0] = pairedDifferences([200], [250], throughput);
    expect(changeOf(shift, throughput)).toBeCloseTo(0.25, 12);
    const [low, high] = changeInterval([-0.3, -0.1], throughput);
    expect(low).toBeCloseTo(Math.expm1(0.1), 12);
    expect(high).toBeCloseTo(Math.expm1(0.3), 12);
    expect(changeInterval([-0.3, -0.1], METRICS.error_rate)).toEqual([-0.3, -0.1]);
    expect(changeOf(0, throughput)).toBe(0);
  });

  it('are the inverse of shifts', () => {
    fc.assert(
      fc.property(fc.double({ min: -0.9, max: 9, noNaN: true }), (effect) => {
        expect(effectOf(shiftOf(effect, 'ratio'), 'ratio')).toBeCloseTo(effect, 12);
        expect(effectOf(shiftOf(effect, 'difference'), 'difference')).toBe(effect);
      }),
    );
  });
});
