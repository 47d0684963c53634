import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom, xoshiro128 } from '../../src/core/random.ts';

describe('xoshiro128', () => {
  it('gives the reference outputs', () => {
    // Printed by the authors' C code with state {1, 2, 3, 4}.
    const word = xoshiro128([1, 2, 3, 4]);
    expect(Array.from({ length: 10 }, word)).toEqual([
      11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804,
    ]);
  });
});

describe('seededRandom', () => {
  it('repeats itself for the same seed and differs for the next', () => {
    const draw = (seed: number): number[] => {
      const random = seededRandom(seed);
      return Array.from({ length: 5 }, () => random.next());
    };
    expect(draw(7)).toEqual(draw(7));
    expect(draw(7)).not.toEqual(draw(8));
  });

  it('is uniform over [0, 1), integers and coins', () => {
    const random = seededRandom(1);
    const draws = 60_000;
    const tenths = new Array<number>(10).fill(0);
    const faces = new Array<number>(6).fill(0);
    let heads = 0;
    for (let i = 0; i < draws; i++) {
      const tenth = Math.floor(random.next() * 10);
      tenths[tenth] = (tenths[tenth] ?? 0) + 1;
      const face = random.int(6);
      faces[face] = (faces[face] ?? 0) + 1;
      heads += random.coin();
    }
    // Five standard errors of a binomial count.
    for (const count of tenths)
      expect(Math.abs(count - draws / 10)).toBeLessThan(5 * Math.sqrt(draws * 0.09));
    for (const count of faces)
      expect(Math.abs(count - draws / 6)).toBeLessThan(5 * Math.sqrt((draws * 5) / 36));
    expect(Math.abs(heads - draws / 2)).toBeLessThan(2.5 * Math.sqrt(draws));
  });

  it('shuffles a copy, every order about equally often', () => {
    const random = seededRandom(2);
    const counts = new Map<string, number>();
    const original = ['a', 'b', 'c'] as const;
    for (let i = 0; i < 6000; i++) {
      const key = random.shuffle(original).join('');
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    expect(original).toEqual(['a', 'b', 'c']);
    expect(counts.size).toBe(6);
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });

  it('keeps every element, undefined ones too', () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.integer(), { nil: undefined })), fc.integer(), (values, seed) => {
        const text = (list: readonly unknown[]): string[] => list.map(String).sort();
        expect(text(seededRandom(seed).shuffle(values))).toEqual(text(values));
      }),
    );
  });
});
