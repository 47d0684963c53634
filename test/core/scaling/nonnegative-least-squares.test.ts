import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Equation, solveNonnegative } from '../../../src/core/scaling/nonnegative-least-squares.ts';

function errorOf(equations: readonly Equation[], unknowns: readonly number[]): number {
  return equations.reduce((sum, { factors, value, weight }) => {
    const sumOfTerms = factors.reduce((added, factor, i) => added + factor * (unknowns[i] ?? 0), 0);
    return sum + weight * (value - sumOfTerms) ** 2;
  }, 0);
}

const number = (min: number, max: number) => fc.double({ min, max, noNaN: true });
const systems = fc.array(
  fc.record({
    factors: fc.tuple(number(-3, 3), number(-3, 3), number(-3, 3)),
    value: number(-10, 10),
    weight: number(0.1, 5),
  }),
  { minLength: 3, maxLength: 12 },
);

describe('solveNonnegative', () => {
  it('is the ordinary solution where that is positive', () => {
    const line = (n: number): Equation => ({ factors: [1, n], value: 3 + 2 * n, weight: 1 });
    const [fixed, perUnit] = solveNonnegative([1, 2, 3, 7].map(line), 2);
    expect(fixed).toBeCloseTo(3, 10);
    expect(perUnit).toBeCloseTo(2, 10);
  });

  it('leaves at 0 what would be negative, and fits the rest as well as it can be without it', () => {
    // y = 2n - 1: without a constant the best slope is sum(xy) / sum(xx) = (1 + 6 + 15) / 14.
    const equations = [1, 2, 3].map((n) => ({ factors: [1, n], value: 2 * n - 1, weight: 1 }));
    const [fixed, perUnit] = solveNonnegative(equations, 2);
    expect(fixed).toBe(0);
    expect(perUnit).toBeCloseTo(22 / 14, 10);
  });

  it('bears factors of very different size, multiples of each other, and none at all', () => {
    const wide = [10, 100, 1000, 1e5].map((n) => ({
      factors: [1, n ** 3],
      value: 5 + 1e-9 * n ** 3,
      weight: 1 / (5 + 1e-9 * n ** 3) ** 2,
    }));
    const [fixed, perUnit] = solveNonnegative(wide, 2);
    expect(fixed).toBeCloseTo(5, 6);
    expect((perUnit ?? 0) * 1e9).toBeCloseTo(1, 6);
    const same = [1, 2, 3].map((n) => ({ factors: [n, 2 * n, 0], value: 4 * n, weight: 1 }));
    expect(errorOf(same, solveNonnegative(same, 3))).toBeCloseTo(0, 12);
    expect(solveNonnegative(same, 3)[2]).toBe(0);
  });

  it('is optimal: no feasible point in any direction does better', () => {
    fc.assert(
      fc.property(
        systems,
        fc.array(fc.tuple(number(-1, 1), number(-1, 1), number(-1, 1))),
        (equations, moves) => {
          const solution = solveNonnegative(equations, 3);
          const error = errorOf(equations, solution);
          for (const value of solution) expect(value).toBeGreaterThanOrEqual(0);
          for (const scale of [1, 0.03]) {
            for (const move of moves) {
              const other = solution.map((value, i) => Math.max(0, value + scale * (move[i] ?? 0)));
              expect(errorOf(equations, other)).toBeGreaterThanOrEqual(error - 1e-8 * (1 + error));
            }
          }
        },
      ),
    );
  });
});
