import fc from 'fast-check';
import { decodeFromCompressedBase64 } from 'hdr-histogram-js';
import { describe, expect, it } from 'vitest';
import { createLatencyRecorder } from '../../../src/adapters/load/latency-summary.ts';

/** By the words of the definition: the smallest value that at least p % of all values do not exceed. */
function bruteForce(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const found = sorted.find(
    (value) => values.filter((other) => other <= value).length * 100 >= percent * values.length - 1e-6,
  );
  return found ?? NaN;
}

function recordAll(values: Iterable<number>, limit?: number) {
  const recorder = createLatencyRecorder(limit);
  for (const value of values) recorder.record(value);
  return recorder.summarize();
}

describe('latency summary', () => {
  it('takes nearest-rank percentiles of the exact values', () => {
    const latencies = fc.array(fc.double({ min: 0, max: 5_000, noNaN: true }), {
      minLength: 1,
      maxLength: 300,
    });
    fc.assert(
      fc.property(latencies, (values) => {
        const summary = recordAll(values);
        expect(summary.count).toBe(values.length);
        expect(summary.p50Ms).toBe(bruteForce(values, 50));
        expect(summary.p90Ms).toBe(bruteForce(values, 90));
        expect(summary.p95Ms).toBe(bruteForce(values, 95));
        expect(summary.p99Ms).toBe(bruteForce(values, 99));
        expect(summary.p999Ms).toBe(bruteForce(values, 99.9));
        expect(summary.maxMs).toBe(Math.max(...values));
      }),
      { numRuns: 60, seed: 7 },
    );
  });

  it('knows 1 to 1000', () => {
    const summary = recordAll(Array.from({ length: 1_000 }, (_, index) => 1_000 - index));
    expect(summary).toMatchObject({ p50Ms: 500, p90Ms: 900, p95Ms: 950, p99Ms: 990, p999Ms: 999 });
    expect(summary).toMatchObject({ meanMs: 500.5, maxMs: 1_000 });
  });

  it('says the maximum where there are too few values for a high percentile', () => {
    expect(recordAll([3, 1, 2])).toMatchObject({ count: 3, p50Ms: 2, p99Ms: 3, p999Ms: 3 });
  });

  it('is all zeros for nothing, never NaN', () => {
    const { histogram, ...numbers } = recordAll([]);
    expect(new Set(Object.values(numbers))).toEqual(new Set([0]));
    expect(decodeFromCompressedBase64(histogram).totalCount).toBe(0);
  });

  it('keeps microseconds in a histogram that can be merged', () => {
    const merged = decodeFromCompressedBase64(recordAll([0.5, 1.5]).histogram);
    merged.add(decodeFromCompressedBase64(recordAll([250, 90_000]).histogram));
    expect(merged.totalCount).toBe(4);
    expect(merged.getValueAtPercentile(25)).toBe(500);
    expect(merged.getValueAtPercentile(50)).toBeCloseTo(1_500, -1);
    expect(Math.abs(merged.maxValue / 90_000_000 - 1)).toBeLessThan(0.001);
  });

  it('stays within the three digits of the histogram beyond the exact limit', () => {
    const values = Array.from({ length: 5_000 }, (_, index) => 0.05 + ((index * 7_919) % 5_000) / 13);
    const [exact, beyond] = [recordAll(values), recordAll(values, 1_000)];
    for (const key of ['p50Ms', 'p90Ms', 'p99Ms', 'p999Ms'] as const) {
      expect(Math.abs(beyond[key] / exact[key] - 1)).toBeLessThan(0.002);
    }
    expect(beyond.count).toBe(5_000);
    expect(beyond.meanMs).toBe(exact.meanMs);
    expect(beyond.maxMs).toBe(exact.maxMs);
    expect(beyond.histogram).toBe(exact.histogram);
  });

  it('summarizes more than a million latencies', () => {
    const recorder = createLatencyRecorder();
    for (let index = 0; index < 1_000_001; index++) recorder.record((index % 1_000) + 0.25);
    const summary = recorder.summarize();
    expect(summary.count).toBe(1_000_001);
    expect(decodeFromCompressedBase64(summary.histogram).totalCount).toBe(1_000_001);
    expect(Math.abs(summary.p50Ms / 499.25 - 1)).toBeLessThan(0.002);
    expect(summary.maxMs).toBe(999.25);
    expect(summary.p999Ms).toBeLessThanOrEqual(summary.maxMs);
  });
});
