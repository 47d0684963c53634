import { describe, expect, it } from 'vitest';
import { deriveBySimulation, deriveExactly, simulateLooks } from '../../../scripts/joint-null.ts';
import { InternalError } from '../../../src/core/errors.ts';
import { seededRandom } from '../../../src/core/random.ts';
import { alphaForAttempt, PRIMARY_ALPHA } from '../../../src/core/stats/alpha.ts';
import { BOUNDARIES } from '../../../src/core/stats/boundaries.ts';
import { guardrailAlpha } from '../../../src/core/stats/guardrails.ts';
import { LOOKS, lookReached, maximumBlocks } from '../../../src/core/stats/looks.ts';
import { boundary, tabulatedAlpha } from '../../../src/core/stats/sequential.ts';
import { criticalValue } from '../../../src/core/stats/signed-rank.ts';

const EFFORTS = ['quick', 'standard', 'thorough'] as const;

describe('BOUNDARIES', () => {
  it('are what the exact derivation gives, as far as a test can afford (16 to 19 blocks)', () => {
    for (const row of BOUNDARIES) {
      for (const [effort, affordable] of [
        ['quick', 16],
        ['standard', row.alpha === PRIMARY_ALPHA ? 19 : 14],
        ['thorough', 16],
      ] as const) {
        const looks = LOOKS[effort].filter((n) => n <= affordable);
        const derived = deriveExactly(looks, row.alpha, maximumBlocks(effort));
        expect(
          derived.map((look) => look.critical),
          `alpha ${row.alpha}, ${effort}`,
        ).toEqual(row[effort].slice(0, looks.length));
      }
    }
  });

  it('spend no more than their alpha in another simulation than the one that made them', () => {
    const trials = 60_000;
    for (const effort of EFFORTS) {
      const simulated = simulateLooks(LOOKS[effort], trials, seededRandom(77));
      for (const row of BOUNDARIES) {
        const spent = deriveBySimulation(simulated, row.alpha, row[effort]).at(-1)?.spent ?? 1;
        const standardError = Math.sqrt(row.alpha / trials);
        expect(spent, `alpha ${row.alpha}, ${effort}`).toBeLessThan(row.alpha + 4 * standardError);
        expect(spent, `alpha ${row.alpha}, ${effort}`).toBeGreaterThan(row.alpha * 0.9 - 4 * standardError);
      }
    }
  });

  it('at a first look are the fixed-sample critical values of what may be spent there', () => {
    for (const row of BOUNDARIES) {
      for (const effort of EFFORTS) {
        const n = LOOKS[effort][0];
        expect(row[effort][0]).toBe(criticalValue(n, (row.alpha * n) / maximumBlocks(effort)));
      }
    }
  });

  it('have a value for every look, are never stricter for a larger alpha, and always allow a last verdict', () => {
    for (const effort of EFFORTS) {
      BOUNDARIES.forEach((row, i) => {
        expect(row[effort]).toHaveLength(LOOKS[effort].length);
        const last = row[effort].at(-1) ?? null;
        expect(last).not.toBeNull();
        const smaller = BOUNDARIES[i + 1];
        if (smaller !== undefined) {
          expect(smaller.alpha).toBeLessThan(row.alpha);
          expect(smaller[effort].at(-1)).toBeLessThanOrEqual(last ?? -1);
        }
      });
    }
  });
});

describe('deriveExactly', () => {
  it('is the signed-rank table when there is one look', () => {
    for (const n of [6, 8, 12, 15]) {
      expect(deriveExactly([n], 0.05, n)[0]?.critical).toBe(criticalValue(n, 0.05));
    }
  });
});

describe('boundary', () => {
  it('reads the table', () => {
    expect(boundary(0.04, 'quick', 0)).toBe(1);
    expect(boundary(0.04, 'thorough', 0)).toBeNull();
    expect(boundary(0.0125, 'standard', 4)).toBe(54);
  });

  it('takes the next smaller row, and no row at all below the smallest', () => {
    expect(boundary(0.03, 'standard', 4)).toBe(boundary(0.025, 'standard', 4));
    expect(boundary(0.2, 'standard', 4)).toBe(boundary(0.05, 'standard', 4));
    expect(boundary(0.0006, 'standard', 4)).toBeNull();
    expect(tabulatedAlpha(0.0006)).toBeNull();
    expect(tabulatedAlpha(0.05 / 3)).toBe(0.0125);
  });

  it('knows its looks', () => {
    expect(() => boundary(0.04, 'quick', 3)).toThrow(InternalError);
    expect(lookReached('standard', 7)).toBeNull();
    expect(lookReached('standard', 8)).toBe(0);
    expect(lookReached('standard', 18)).toBe(2);
    expect(lookReached('standard', 99)).toBe(4);
    expect(maximumBlocks('thorough')).toBe(48);
  });
});

describe('alphaForAttempt', () => {
  it('halves, stays in the table for seven attempts and sums to less than twice the first', () => {
    const spent = [1, 2, 3, 4, 5, 6, 7].map((attempt) => alphaForAttempt(attempt));
    expect(spent.slice(0, 4)).toEqual([0.04, 0.02, 0.01, 0.005]);
    expect(spent.map(tabulatedAlpha)).toEqual(
      spent.map((alpha) => BOUNDARIES.find((r) => r.alpha === alpha)?.alpha),
    );
    expect(spent.reduce((a, b) => a + b)).toBeLessThan(0.08);
    expect(tabulatedAlpha(alphaForAttempt(8))).toBeNull();
  });
});

describe('guardrailAlpha', () => {
  it('shares 5 % among the guardrails', () => {
    expect([1, 2, 3, 4, 5].map((count) => guardrailAlpha(count))).toEqual([
      0.04, 0.025, 0.0125, 0.0125, 0.01,
    ]);
    expect(guardrailAlpha(2, 2)).toBe(0.0125);
    expect(guardrailAlpha(8)).toBe(0.00625);
    expect(guardrailAlpha(4, 9)).toBeNull();
    for (let count = 1; count < 40; count++) {
      expect(count * (guardrailAlpha(count) ?? 0)).toBeLessThanOrEqual(0.05 + 1e-12);
    }
  });
});
