import { describe, expect, it } from 'vitest';
import { orderOfSets, settleExecutions, summarizeExecutions } from '../../../src/core/query/executions.ts';

describe('settleExecutions', () => {
  it.each([
    [1, 500, 1, 500],
    [0.123, 500, 1, 4100],
    // Whole rounds through three sets.
    [1, 500, 3, 501],
    // A slow statement is executed often enough for quantiles.
    [4000, 500, 1, 5],
    // More sets than fit: a part of a round.
    [10, 500, 1000, 50],
    [0, 500, 1, 200_000],
  ])('%d ms into %d ms with %d sets: %d', (ms, windowMs, sets, expected) => {
    expect(settleExecutions(ms, windowMs, sets)).toBe(expected);
  });
});

describe('orderOfSets', () => {
  const take = (sets: number, seed: number, count: number) => {
    const order = orderOfSets(sets, seed);
    return Array.from({ length: count }, () => order.next().value);
  };

  it('has every set once in each round, in an order of the seed', () => {
    const order = take(4, 7, 12);
    for (const at of [0, 4, 8]) expect([...order.slice(at, at + 4)].sort()).toEqual([0, 1, 2, 3]);
    expect(take(4, 7, 12)).toEqual(order);
    expect(take(50, 8, 50)).not.toEqual(take(50, 7, 50));
  });
});

describe('summarizeExecutions', () => {
  const times = (set: number, ...ms: readonly number[]) => ms.map((one) => ({ set, ms: one }));

  it('is median and low quantile of one set', () => {
    const { wallMs, wallLowMs } = summarizeExecutions(times(0, 5, 1, 2, 3, 4, 6, 7, 8, 9, 100), 1, 10);
    expect(wallMs).toBe(5.5);
    expect(wallLowMs).toBeGreaterThanOrEqual(1);
    expect(wallLowMs).toBeLessThan(2.1);
  });

  it('sees an expensive set between cheap ones', () => {
    const cheap = times(0, 1, 1, 1, 1, 1);
    const alsoCheap = times(1, 1, 1, 1, 1, 1);
    const before = summarizeExecutions([...cheap, ...alsoCheap, ...times(2, 40, 40, 40, 40, 40)], 3, 15);
    const after = summarizeExecutions([...cheap, ...alsoCheap, ...times(2, 10, 10, 10, 10, 10)], 3, 15);
    expect(before).toEqual({ wallMs: 14, wallLowMs: 14 });
    expect(after).toEqual({ wallMs: 4, wallLowMs: 4 });
  });

  it('is over all executions when sets have too few of them', () => {
    const executions = [...times(0, 1, 1), ...times(1, 3, 3), ...times(2, 2)];
    expect(summarizeExecutions(executions, 3, 6).wallMs).toBe(2);
  });
});
