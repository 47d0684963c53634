import { expect, it } from 'vitest';
import { createPairIndex } from '../../../src/core/profile/pair-index.ts';
import { seededRandom } from '../../../src/core/random.ts';

it('keeps the first value of each pair, as a Map would', () => {
  const index = createPairIndex();
  const expected = new Map<string, number>();
  const random = seededRandom(7);
  for (let next = 0; next < 20_000; next++) {
    const first = random.int(300) - 1;
    const second = random.int(200);
    const key = `${first} ${second}`;
    if (!expected.has(key)) expected.set(key, next);
    expect(index.of(first, second, next)).toBe(expected.get(key));
  }
});

it('tells pairs apart whose numbers are exchanged or large', () => {
  const index = createPairIndex();
  const pairs = [
    [1, 2],
    [2, 1],
    [2 ** 30, 2 ** 22],
    [-1, 0],
    [0, -1],
  ] as const;
  pairs.forEach(([first, second], at) => expect(index.of(first, second, at)).toBe(at));
  pairs.forEach(([first, second], at) => expect(index.of(first, second, 99)).toBe(at));
});
