import { describe, expect, it } from 'vitest';
import { requireColumns, rowOrder } from '../../../src/core/load/data-rows.ts';

describe('order of rows', () => {
  const first = (rows: number, seed: number, count: number): readonly number[] => {
    const rowAt = rowOrder(rows, seed);
    return Array.from({ length: count }, (_, nth) => rowAt(nth));
  };

  it('takes each row once before any comes again', () => {
    const taken = first(50, 3, 100);
    expect(new Set(taken.slice(0, 50)).size).toBe(50);
    expect(taken.slice(50)).toEqual(taken.slice(0, 50));
  });

  it('follows from the seed', () => {
    expect(first(50, 3, 50)).toEqual(first(50, 3, 50));
    expect(first(50, 3, 50)).not.toEqual(first(50, 4, 50));
  });
});

describe('required columns', () => {
  const uses = [
    { where: 'request "page"', names: ['id'] },
    { where: 'step 2 of journey "buy"', names: ['id', 'user'] },
  ];

  it('accepts what the file has', () => {
    expect(() => requireColumns(uses, 'users.csv', { columns: ['user', 'id'] })).not.toThrow();
  });

  it('names the step, the column and what there is', () => {
    expect(() => requireColumns(uses, 'users.csv', { columns: ['id', 'name'] })).toThrow(
      'step 2 of journey "buy" uses {{user}}, but users.csv has no column "user" (it has id, name).',
    );
  });
});
