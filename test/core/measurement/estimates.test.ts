import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  estimateMetrics,
  estimateSide,
  isComparable,
  pairedBlocks,
} from '../../../src/core/measurement/estimates.ts';
import { METRICS } from '../../../src/core/model/metrics.ts';
import { somePairs, without, withMetrics } from './pairs.ts';

describe('estimateMetrics', () => {
  it('takes the median over the processes of both sides, with the interval that their number allows', () => {
    let next = 1;
    const pairs = withMetrics(somePairs(3), () => ({ startup_ms: next++ }));
    const { startup_ms } = estimateMetrics(pairs, 'quick');
    // 1…6: the range of six values covers the median with 1 - 2/2^6.
    expect(startup_ms).toEqual({
      value: 3.5,
      interval: [1, 6],
      n: 6,
      confidence: 1 - 2 / 64,
      resolvable_effect: null,
    });
  });

  it('has no interval where too few processes allow none', () => {
    expect(estimateMetrics(somePairs(2), 'quick').latency_p95_ms).toMatchObject({
      n: 4,
      interval: null,
      confidence: null,
    });
  });

  it('says what a validation would resolve once eight blocks show the noise', () => {
    const quiet = estimateMetrics(somePairs(8, { noise: 0.01 }), 'standard').latency_p95_ms
      ?.resolvable_effect;
    const loud = estimateMetrics(somePairs(8, { noise: 0.1 }), 'standard').latency_p95_ms?.resolvable_effect;
    expect(quiet).toBeGreaterThan(0.01);
    expect(loud).toBeGreaterThan(3 * (quiet ?? Infinity));
    expect(estimateMetrics(somePairs(7), 'standard').latency_p95_ms?.resolvable_effect).toBeNull();
  });

  it('leaves out a metric that one process did not give', () => {
    const pairs = withMetrics(somePairs(4), (metrics, side, block) =>
      side === 'b' && block === 2 ? without(metrics, 'latency_p95_ms') : metrics,
    );
    const estimates = estimateMetrics(pairs, 'quick');
    expect(estimates.latency_p95_ms).toBeUndefined();
    expect(estimates.latency_p50_ms?.n).toBe(8);
    expect(estimateMetrics([], 'quick')).toEqual({});
  });

  it('estimates a ratio metric that is 0 now and then, without claiming what it resolves', () => {
    const pairs = withMetrics(somePairs(8), (metrics, side, block) =>
      side === 'a' && block === 0 ? { ...metrics, latency_p95_ms: 0 } : metrics,
    );
    expect(estimateMetrics(pairs, 'quick').latency_p95_ms).toMatchObject({ n: 16, resolvable_effect: null });
  });

  it('lies within its interval, and that within the samples', () => {
    fc.assert(
      fc.property(fc.integer({ min: 3, max: 20 }), fc.nat(), (blocks, seed) => {
        const pairs = somePairs(blocks, { seed });
        const values = pairs.flatMap(({ a, b }) => [
          a.metrics.latency_p95_ms ?? 0,
          b.metrics.latency_p95_ms ?? 0,
        ]);
        const estimate = estimateMetrics(pairs, 'quick').latency_p95_ms;
        const [low, high] = estimate?.interval ?? [Infinity, -Infinity];
        expect(low).toBeLessThanOrEqual(estimate?.value ?? NaN);
        expect(high).toBeGreaterThanOrEqual(estimate?.value ?? NaN);
        expect(low).toBeGreaterThanOrEqual(Math.min(...values));
        expect(high).toBeLessThanOrEqual(Math.max(...values));
        expect(estimate?.confidence).toBeGreaterThanOrEqual(0.95);
      }),
      { numRuns: 50 },
    );
  });
});

describe('estimateSide', () => {
  it('speaks of one side alone, and of nothing that could be resolved', () => {
    const pairs = somePairs(8, { noise: 0, effect: { latency_p95_ms: 2 } });
    expect(estimateSide(pairs.map(({ a }) => a)).latency_p95_ms).toMatchObject({
      value: 40,
      n: 8,
      resolvable_effect: null,
    });
    expect(estimateSide(pairs.map(({ b }) => b)).latency_p95_ms?.value).toBe(80);
    expect(estimateSide([])).toEqual({});
  });
});

describe('pairedBlocks', () => {
  it('keeps which process came first, and drops blocks that lack a side', () => {
    const pairs = withMetrics(somePairs(6, { seed: 3 }), (metrics, _side, block) =>
      block === 1 ? without(metrics, 'latency_p95_ms') : metrics,
    );
    const blocks = pairedBlocks(pairs, 'latency_p95_ms');
    expect(blocks).toHaveLength(5);
    expect(blocks.map(({ aFirst }) => aFirst)).toEqual(
      pairs.filter((_, block) => block !== 1).map(({ a }) => a.position === 0),
    );
    expect(new Set(blocks.map(({ aFirst }) => aFirst)).size).toBe(2);
  });

  it('are comparable as ratios only where both sides are positive', () => {
    const zero = [{ a: 1, b: 0, aFirst: true }];
    expect(isComparable(zero, METRICS.latency_p95_ms)).toBe(false);
    expect(isComparable(zero, METRICS.error_rate)).toBe(true);
    expect(isComparable([{ a: 1, b: 2, aFirst: true }], METRICS.latency_p95_ms)).toBe(true);
  });
});
