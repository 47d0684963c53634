import { describe, expect, it } from 'vitest';
import {
  estimateGrowth,
  handlesGrow,
  shapeOf,
  slopesOutside,
  type HeapReading,
} from '../../../src/core/memory/growth.ts';
import { seededRandom } from '../../../src/core/random.ts';
import { recordedMemory, type RecordedHeap } from './recorded.ts';

const OPERATIONS = 1000;
const MIB = 1024 * 1024;

/** Heap after each load: `at` gives the bytes that are kept, noise is uniform. */
function readings(
  n: number,
  at: (load: number) => number,
  { seed = 1, noiseBytes = 0 }: { readonly seed?: number; readonly noiseBytes?: number } = {},
): readonly HeapReading[] {
  const random = seededRandom(seed);
  return Array.from({ length: n }, (_, index) => ({
    usedBytes: 20 * MIB + at(index + 1) + (random.next() - 0.5) * 2 * noiseBytes,
    operations: (index + 1) * OPERATIONS,
    activeHandles: 2,
  }));
}

const shape = (points: readonly HeapReading[]) => {
  const growth = estimateGrowth(points);
  return growth === null ? null : shapeOf(growth);
};

describe('the slope', () => {
  it('is exact without noise, and its interval holds it', () => {
    const growth = estimateGrowth(readings(6, (load) => load * 300 * OPERATIONS));
    expect(growth?.bytesPerOperation).toBeCloseTo(300, 6);
    expect(growth?.interval[0]).toBeCloseTo(300, 6);
    expect(growth?.operationsPerLoad).toBe(OPERATIONS);
  });

  it('is not moved by one bad reading', () => {
    const points = readings(7, (load) => load * 300 * OPERATIONS + (load === 4 ? 8 * MIB : 0));
    expect(estimateGrowth(points)?.bytesPerOperation).toBeCloseTo(300, 6);
  });

  it('is told for unequal loads by their operations', () => {
    const operations = [900, 2100, 2500, 4200, 5000, 6400];
    const points = operations.map((done) => ({
      usedBytes: 10 * MIB + done * 512,
      operations: done,
      activeHandles: 1,
    }));
    expect(estimateGrowth(points)?.bytesPerOperation).toBeCloseTo(512, 6);
  });

  it('is not told of four readings, nor without operations', () => {
    expect(estimateGrowth(readings(4, (load) => load * MIB))).toBeNull();
    expect(
      estimateGrowth(readings(6, (load) => load * MIB).map((one) => ({ ...one, operations: 5 }))),
    ).toBeNull();
  });

  /** Two-sided 5 % of Kendall's S, table A.30 of Hollander and Wolfe: n = 5 needs 10, 6 needs 13, 8 needs 18, 10 needs 23. */
  it.each([
    [5, 10],
    [6, 13],
    [8, 18],
    [10, 23],
  ])('of %i readings leaves out as many slopes as the table of Kendall says', (n, critical) => {
    const pairs = (n * (n - 1)) / 2;
    // S = pairs - 2 · discordant: the last S that rejects has this many discordant pairs.
    expect(slopesOutside(n)).toBe((pairs - critical) / 2);
  });

  it('covers zero in about 95 % of programs that keep nothing', () => {
    const trials = 2000;
    let missed = 0;
    for (let seed = 1; seed <= trials; seed++) {
      const growth = estimateGrowth(readings(6, () => 0, { seed, noiseBytes: 40_000 }));
      if (growth !== null && (growth.interval[0] > 0 || growth.interval[1] < 0)) missed += 1;
    }
    // The test of six reaches 1.7 %: 2 · 6/720.
    expect(missed / trials).toBeLessThan(0.05);
    expect(missed).toBeGreaterThan(0);
  });
});

describe('the shape', () => {
  it('a leak grows, in noise too', () => {
    for (let seed = 1; seed <= 50; seed++) {
      expect(shape(readings(6, (load) => load * 400 * OPERATIONS, { seed, noiseBytes: 60_000 }))).toBe(
        'grows',
      );
    }
  });

  it('noise alone is steady', () => {
    for (let seed = 1; seed <= 200; seed++) {
      expect(shape(readings(6, () => 0, { seed, noiseBytes: 100_000 }))).toBe('steady');
    }
  });

  it.each([0.5, 1, 1.5, 2])('a cache that fills with a time constant of %f loads is no leak', (constant) => {
    for (let seed = 1; seed <= 50; seed++) {
      const fill = (load: number) => 10 * MIB * (1 - Math.exp(-load / constant));
      expect(shape(readings(8, fill, { seed, noiseBytes: 40_000 }))).not.toBe('grows');
    }
  });

  it('what grows by a third less with each load levels off', () => {
    expect(shape(readings(8, (load) => 30 * MIB * (1 - 0.67 ** load)))).toBe('levels-off');
  });

  it('what grows by less than an object an operation is steady', () => {
    expect(shape(readings(10, (load) => load * 20 * OPERATIONS))).toBe('steady');
  });

  it.each<[RecordedHeap, string]>([
    ['leak', 'grows'],
    ['timers', 'grows'],
    ['buffers', 'grows'],
    ['filling-cache', 'steady'],
    ['churn', 'steady'],
    ['healthy', 'steady'],
  ])('of a recorded program: %s %s', (program, expected) => {
    for (const loads of [6, 8, 10]) {
      const { growth } = recordedMemory(program, loads);
      expect(growth === null ? null : shapeOf(growth)).toBe(expected);
    }
  });
});

describe('handles', () => {
  it('grow where nobody clears timers, and nowhere else', () => {
    for (const program of ['leak', 'timers', 'buffers', 'filling-cache', 'churn', 'healthy'] as const) {
      const { growth } = recordedMemory(program);
      expect([program, growth !== null && handlesGrow(growth)]).toEqual([program, program === 'timers']);
    }
  });
});
