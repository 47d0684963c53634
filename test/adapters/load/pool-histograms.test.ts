import { describe, expect, test } from 'vitest';
import {
  countLatencies,
  createLatencyRecorder,
  poolHistograms,
} from '../../../src/adapters/load/latency-summary.ts';

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

  test('tell every value with its count, however far apart', () => {
    const recorder = createLatencyRecorder();
    for (const ms of [0.25, 0.25, 3, 3, 3, 70_000]) recorder.record(ms);
    const { histogram } = recorder.summarize();
    const counted = countLatencies([histogram, histogram]);
    expect(counted.map(({ count }) => count)).toEqual([4, 6, 2]);
    expect(counted.map(({ ms }) => ms / 0.25)).toMatchObject([
      expect.closeTo(1, 2) as number,
      expect.closeTo(12, 1) as number,
      expect.closeTo(280_000, -3) as number,
    ]);
    expect(countLatencies([])).toEqual([]);
  });

  test('of nothing are zero with no requests', () => {
    expect(poolHistograms([]).count).toBe(0);
  });
});
