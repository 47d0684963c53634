import { describe, expect, it } from 'vitest';
import { orderByWeight } from '../../../src/adapters/load/weighted-order.ts';

function countsOf(order: readonly number[]): readonly number[] {
  return [...new Set(order)]
    .sort((a, b) => a - b)
    .map((index) => order.filter((each) => each === index).length);
}

describe('weighted order', () => {
  it('is exact after every cycle of the reduced weights', () => {
    const order = orderByWeight([600, 200, 400], 1);
    expect(order).toHaveLength(240);
    for (let start = 0; start < order.length; start += 6) {
      expect(countsOf(order.slice(start, start + 6))).toEqual([3, 1, 2]);
    }
  });

  it('is repeatable from its seed, and mixed by it without a pattern', () => {
    const weights = [1, 1];
    expect(orderByWeight(weights, 5)).toEqual(orderByWeight(weights, 5));
    expect(orderByWeight(weights, 5)).not.toEqual(orderByWeight(weights, 6));
    // Of 120 pairs about half stand as 0 1 and half as 1 0.
    const first = orderByWeight(weights, 9).filter((each, at) => at % 2 === 0 && each === 0).length;
    expect(first).toBeGreaterThan(35);
    expect(first).toBeLessThan(85);
  });

  it('scales a long cycle down and leaves no request out', () => {
    const order = orderByWeight([997, 991, 1], 1, 100);
    expect(order.length).toBeGreaterThanOrEqual(100);
    expect(order.length).toBeLessThanOrEqual(101);
    const [first = 0, second = 0, rare = 0] = countsOf(order);
    expect(Math.abs(first - second)).toBeLessThanOrEqual(1);
    expect(rare).toBe(1);
  });

  it('takes weights that are not whole', () => {
    const [heavy = 0, light = 0] = countsOf(orderByWeight([0.75, 0.25], 1, 100));
    expect([heavy, light]).toEqual([75, 25]);
  });
});
