import { describe, expect, test } from 'vitest';
import { createLatencyRecorder, poolHistograms } from '../../../src/adapters/load/latency-summary.ts';

describe('pooled histograms', () => {
  test('give the percentiles of all values together, to three digits', () => {
    const sides = [0, 1].map((side) => {
      const recorder = createLatencyRecorder();
      for (let i = 1; i <= 1000; i++) recorder.record(side === 0 ? i : i + 1000);
      return recorder.summarize().histogram;
    });
    const pooled = poolHistograms(sides);
    expect(pooled.count).toBe(2000);
    expect(pooled.p50Ms / 1000).toBeCloseTo(1, 2);
    expect(pooled.p99Ms / 1980).toBeCloseTo(1, 2);
    expect(pooled.p999Ms / 1998).toBeCloseTo(1, 2);
    expect(pooled.maxMs / 2000).toBeCloseTo(1, 2);
  });

  test('of nothing are zero with no requests', () => {
    expect(poolHistograms([]).count).toBe(0);
  });
});
