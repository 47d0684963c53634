import { describe, expect, it } from 'vitest';
import { isCarriedByDisk, VOTES } from '../../../src/core/integrity/state-on-disk.ts';
import { seededRandom } from '../../../src/core/random.ts';
import { normal } from '../stats/noise.ts';

interface Costs {
  readonly a: number;
  readonly b: number;
  /** Of each first process beside that, e.g. for a page cache that is cold. */
  readonly firstA?: number;
  readonly firstB?: number;
}

/** Blocks of a service or command with noise of 4 % and a stall in one process of ten, as they were measured (notes on statistics). */
function measure(seed: number, { a, b, firstA = 0, firstB = 0 }: Costs, blocks = 11) {
  const random = seededRandom(seed);
  const noisy = (value: number) =>
    value * Math.exp(0.04 * normal(random)) * (random.int(10) === 0 ? 1 + random.int(100) / 100 : 1);
  return {
    later: Array.from({ length: blocks }, () => ({ a: noisy(a), b: noisy(b) })),
    first: () => ({ baseline: noisy(a + firstA), candidate: noisy(b + firstB) }),
  };
}

/** As the loop asks: until there are votes enough for one of the two. */
function isTakenBack(seed: number, costs: Costs): boolean {
  const { later, first } = measure(seed, costs);
  const votes = { carried: 0, own: 0 };
  while (votes.carried < VOTES.carried && votes.own < VOTES.own)
    votes[isCarriedByDisk(later, first(), 'cpu_ms') ? 'carried' : 'own']++;
  return votes.carried === VOTES.carried;
}

const shareOf = (costs: Costs, seeds = 400): number =>
  Array.from({ length: seeds }, (_, seed) => isTakenBack(seed, costs)).filter(Boolean).length / seeds;

describe('a gain that first processes do not have', () => {
  it('is taken back: everything of it, or most of it', () => {
    expect(shareOf({ a: 100, b: 5, firstB: 95 })).toBeGreaterThan(0.95);
    expect(shareOf({ a: 100, b: 60, firstB: 40 })).toBeGreaterThan(0.7);
    expect(shareOf({ a: 100, b: 5, firstB: 150 })).toBeGreaterThan(0.95);
  });

  it('is told of metrics of which more is better too', () => {
    const later = Array.from({ length: 8 }, (_, n) => ({ a: 300 + n, b: 3000 + n }));
    expect(isCarriedByDisk(later, { baseline: 301, candidate: 305 }, 'throughput_rps')).toBe(true);
    expect(isCarriedByDisk(later, { baseline: 301, candidate: 2900 }, 'throughput_rps')).toBe(false);
  });
});

describe('a gain that they have', () => {
  it('stays, large or small, whatever stalls', () => {
    for (const b of [10, 50, 80]) expect(shareOf({ a: 100, b }), `${b}`).toBeLessThan(0.01);
    // As large as the noise: few such gains are called at all.
    expect(shareOf({ a: 100, b: 95 })).toBeLessThan(0.03);
  });

  it('stays where everybody’s first process is slower by much', () => {
    for (const b of [50, 80, 95])
      expect(shareOf({ a: 100, b, firstA: 200, firstB: 200 }), `${b}`).toBeLessThan(0.01);
  });

  it('stays where a cache on disk gives a part of it that is the smaller one', () => {
    expect(shareOf({ a: 100, b: 50, firstB: 15 })).toBeLessThan(0.02);
  });

  it('is asked of gains only', () => {
    expect(isCarriedByDisk([{ a: 100, b: 120 }], { baseline: 100, candidate: 200 }, 'cpu_ms')).toBe(false);
    expect(isCarriedByDisk([], { baseline: 100, candidate: 200 }, 'cpu_ms')).toBe(false);
  });
});
