import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toLatencyBuckets } from '../../../src/core/stats/latency-buckets.ts';

const once = (...values: readonly number[]) => values.map((ms) => ({ ms, count: 1 }));

describe('latency buckets', () => {
  it('are equally wide in ratios, and those between two heaps are there, empty', () => {
    const buckets = toLatencyBuckets([
      { ms: 1, count: 90 },
      { ms: 100, count: 10 },
    ]);
    expect(buckets).toHaveLength(21);
    expect(buckets[0]).toMatchObject({ fromMs: 1, count: 90, share: 0.9, upTo: 0.9 });
    expect(buckets.at(-1)).toMatchObject({ fromMs: 100, count: 10, upTo: 1 });
    expect(buckets.filter(({ count }) => count === 0)).toHaveLength(19);
    for (const { fromMs, toMs } of buckets) expect(toMs / fromMs).toBeCloseTo(10 ** 0.1, 3);
  });

  it('keep every request, each in the bucket that holds it', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1e5, noNaN: true }), { minLength: 1 }), (values) => {
        const buckets = toLatencyBuckets(once(...values));
        const total = buckets.reduce((sum, { count }) => sum + count, 0);
        expect(total).toBe(values.length);
        expect(buckets.at(-1)?.upTo).toBeCloseTo(1);
        const least = Math.min(...values);
        const most = Math.max(...values);
        expect(buckets[0]?.fromMs).toBeLessThanOrEqual(least);
        expect(buckets.at(-1)?.toMs).toBeGreaterThan(most);
        for (const [index, { toMs }] of buckets.entries()) {
          const next = buckets[index + 1];
          if (next) expect(next.fromMs).toBe(toMs);
        }
      }),
    );
  });

  it('put an edge into the bucket that it begins', () => {
    for (let at = -30; at <= 50; at++) {
      const edge = Number((10 ** (at / 10)).toPrecision(6));
      const [bucket, ...more] = toLatencyBuckets(once(edge));
      expect(more).toEqual([]);
      expect(bucket?.toMs).toBeGreaterThan(edge);
    }
  });

  it('put what lies a hair below an edge below it', () => {
    for (let at = -29; at <= 50; at++) {
      const edge = Number((10 ** (at / 10)).toPrecision(6));
      const [bucket] = toLatencyBuckets(once(edge * (1 - 2 ** -53)));
      expect(bucket?.fromMs).toBeLessThan(edge);
      expect(bucket?.toMs).toBe(edge);
    }
  });

  it('of nothing are none', () => {
    expect(toLatencyBuckets([])).toEqual([]);
    expect(toLatencyBuckets([{ ms: 1, count: 0 }])).toEqual([]);
  });
});
