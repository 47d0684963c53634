import { describe, expect, it } from 'vitest';
import { METRICS } from '../../../src/core/model/metrics.ts';
import {
  blocksBeyondEffort,
  resolvableFromBlocks,
  resolvableFromSamples,
} from '../../../src/core/stats/resolvable.ts';

// Median absolute deviation 0.03, so the robust sd is 0.044478.
const differences = [-0.06, -0.03, -0.03, 0, 0, 0.03, 0.03, 0.06, 0.4];

describe('resolvableFromBlocks', () => {
  it('is floor + 2.8 sd sqrt(1.5 / n), whatever one stall did', () => {
    const shift = 0.01 + 2.8 * 0.04447806655516806 * Math.sqrt(1.5 / 24);
    expect(resolvableFromBlocks(differences, 'standard', METRICS.latency_p95_ms)).toBeCloseTo(
      Math.expm1(shift),
      9,
    );
    const own = 1 + 2.8 * 44.47806655516806 * Math.sqrt(1.5 / 16);
    expect(
      resolvableFromBlocks(
        differences.map((d) => 1000 * d),
        'quick',
        METRICS.event_loop_delay_p99_ms,
      ),
    ).toBeCloseTo(own, 9);
  });

  it('gets smaller with effort', () => {
    const [quick, standard, thorough] = (['quick', 'standard', 'thorough'] as const).map(
      (effort) => resolvableFromBlocks(differences, effort, METRICS.latency_p95_ms) ?? Number.NaN,
    );
    expect(quick).toBeGreaterThan(standard ?? Number.NaN);
    expect(standard).toBeGreaterThan(thorough ?? Number.NaN);
  });

  it('is null when it cannot be said', () => {
    expect(resolvableFromBlocks(differences.slice(0, 7), 'quick', METRICS.latency_p95_ms)).toBeNull();
    expect(resolvableFromBlocks(new Array<number>(12).fill(0), 'quick', METRICS.error_rate)).toBeNull();
    expect(resolvableFromSamples([1, 2, 3], 'quick', METRICS.latency_p95_ms)).toBeNull();
    expect(resolvableFromSamples([0, 1, 2, 3, 4, 5, 6, 7, 8], 'quick', METRICS.latency_p95_ms)).toBeNull();
  });
});

describe('resolvableFromSamples', () => {
  it('counts the noise of both sides', () => {
    const values = differences.map((d) => 200 * Math.exp(d));
    const paired = Math.log1p(resolvableFromBlocks(differences, 'standard', METRICS.latency_p95_ms) ?? 0);
    const unpaired = Math.log1p(resolvableFromSamples(values, 'standard', METRICS.latency_p95_ms) ?? 0);
    expect((unpaired - 0.01) / (paired - 0.01)).toBeCloseTo(Math.SQRT2, 9);
  });
});

describe('blocksBeyondEffort', () => {
  const latency = METRICS.latency_p95_ms;

  it('asks for so many that the formula with all of them gives the minimum effect', () => {
    const noisy = differences.map((d) => 3 * d);
    const resolves = resolvableFromBlocks(noisy, 'standard', latency) ?? Number.NaN;
    const all = 24 + blocksBeyondEffort(resolves, 'standard', latency);
    const shift = (blocks: number) => 0.01 + 2.8 * 3 * 0.04447806655516806 * Math.sqrt(1.5 / blocks);
    expect(shift(all)).toBeLessThanOrEqual(Math.log1p(latency.minimumEffect));
    expect(shift(all - 1)).toBeGreaterThan(Math.log1p(latency.minimumEffect));
  });

  it('asks for none where the effort resolves it already', () => {
    expect(blocksBeyondEffort(latency.minimumEffect, 'quick', latency)).toBe(0);
    expect(blocksBeyondEffort(latency.minimumEffect / 2, 'quick', latency)).toBe(0);
  });
});
