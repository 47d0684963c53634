import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InternalError } from '../../../src/core/errors.ts';
import { seededRandom } from '../../../src/core/random.ts';
import {
  compareAtLook,
  defaultFloor,
  finalVerdict,
  type LookInput,
} from '../../../src/core/stats/compare.ts';
import { signedRank } from '../../../src/core/stats/signed-rank.ts';
import { boundary } from '../../../src/core/stats/sequential.ts';

/** Eight values around `centre` whose Walsh averages lie within `spread` of it. */
function around(centre: number, spread: number): readonly number[] {
  return [-1, -0.7, -0.4, -0.1, 0.15, 0.45, 0.75, 1].map((x) => centre + x * spread);
}

function look(
  differences: readonly number[],
  more: Partial<LookInput> = {},
): ReturnType<typeof compareAtLook> {
  return compareAtLook({
    differences,
    alpha: 0.04,
    schedule: 'standard',
    lookIndex: 0,
    delta: 0.05,
    floor: 0.01,
    ...more,
  });
}

describe('compareAtLook', () => {
  it('gives each verdict where its rule says', () => {
    expect(look(around(0, 0.03))).toMatchObject({ verdict: 'equivalent', realButSmall: false });
    expect(look(around(0.03, 0.015))).toMatchObject({ verdict: 'equivalent', realButSmall: true });
    expect(look(around(0.1, 0.03))).toMatchObject({ verdict: 'regressed', blocksToResolve: null });
    expect(look(around(-0.1, 0.03))).toMatchObject({ verdict: 'improved', realButSmall: false });
    expect(look(around(0, 0.08))).toMatchObject({ verdict: 'undecided' });
    // Beyond 0 but not beyond the floor, and reaching past delta: neither.
    expect(look(around(0.035, 0.03))).toMatchObject({ verdict: 'undecided', realButSmall: false });
    expect(finalVerdict('undecided')).toBe('inconclusive');
    expect(finalVerdict('improved')).toBe('improved');
  });

  it('reports the interval of the first look: the range of eight differences at c = 0', () => {
    const result = look(around(0.1, 0.03));
    expect(result.interval?.[0]).toBeCloseTo(0.07, 12);
    expect(result.interval?.[1]).toBeCloseTo(0.13, 12);
    expect(result.confidence).toBe(0.96);
    expect(look(around(0.1, 0.03), { alpha: 0.03 }).confidence).toBeCloseTo(0.975, 12);
  });

  it('has no interval and no verdict where the table has none, however large the change', () => {
    for (const more of [{ schedule: 'thorough' }, { alpha: 0.0125 }, { alpha: 1e-5 }] as const) {
      const result = look(around(2, 0.01), more);
      expect(result).toMatchObject({ verdict: 'undecided', interval: null, confidence: null });
      expect(result.estimate).toBeCloseTo(2, 1);
    }
  });

  it('gives an estimate at most when the run ended before the first look', () => {
    expect(look([0.2, 0.1, 0.3], { lookIndex: null })).toEqual({
      verdict: 'undecided',
      estimate: 0.2,
      interval: null,
      confidence: null,
      realButSmall: false,
      blocksToResolve: null,
    });
    expect(look([], { lookIndex: null }).estimate).toBeNull();
  });

  it('refuses another number of blocks than the look has', () => {
    expect(() => look([1, 2, 3])).toThrow(InternalError);
    expect(() => look(around(0, 1), { lookIndex: 9 })).toThrow(InternalError);
  });

  it('calls unchanged whole numbers equivalent, without a coin', () => {
    expect(look([0, 0, 0, 0, 0, 0, 0, 0])).toMatchObject({ verdict: 'equivalent', interval: [0, 0] });
    // One tick in eight is no regression.
    expect(look([0, 0, 0, 0, 0, 0, 0, 10], { delta: 5, floor: 1 })).toMatchObject({ verdict: 'undecided' });
  });

  it('prices what is missing from the half-width, which 14 blocks with c = 14 make robust', () => {
    // Fourteen at -x and x in turn: the Walsh averages are -x (28), 0 (49) and x (28), the interval [-x, x].
    const swing = (x: number, centre = 0): readonly number[] =>
      Array.from({ length: 14 }, (_, i) => centre + (i % 2 === 0 ? x : -x));
    const third = { lookIndex: 2 };
    expect(look(swing(0.1), third).interval).toEqual([-0.1, 0.1]);
    // 14 (1.43 x 0.1 / 0.04)^2 = 178.9
    expect(look(swing(0.1), third).blocksToResolve).toBe(179 - 14);
    // Half the noise, a quarter of the blocks: 44.7.
    expect(look(swing(0.05), third).blocksToResolve).toBe(45 - 14);
    // By the formula 14 (1.43 x 0.025 / 0.04)^2 = 11.2 are enough, but bad luck left it across the limits: to end
    // within 2 % of its centre at 3 %, this interval needs 14 (0.025 / 0.02)^2 = 21.9.
    expect(look(swing(0.025, 0.03), third).blocksToResolve).toBe(22 - 14);
  });

  it('prices from the robust spread as long as one stall owns an end of the interval', () => {
    // 1.5 (2.8 x 1.4826 x 0.0575 / 0.04)^2 = 53.4
    expect(look(around(0, 0.1)).blocksToResolve).toBe(54 - 8);
    expect(look(around(0, 0.1), { schedule: 'thorough' }).blocksToResolve).toBe(54 - 8);
    const stalled = [...around(0, 0.1).slice(0, 7), 1.1];
    expect(look(stalled).blocksToResolve).toBeLessThan(80);
    // A robust spread of 0 says nothing about the price.
    expect(look([0, 0, 0, 0, 0, 0, 1, 9]).blocksToResolve).toBeNull();
    // Nor does a floor that leaves no room for a verdict.
    expect(look(around(0, 0.1), { floor: 0.05 }).blocksToResolve).toBeNull();
  });

  // Integers of a tenth of a percent: fast-check's doubles are mostly tiny, and all verdicts should come up.
  const thousandths = (limit: number): fc.Arbitrary<number> =>
    fc.integer({ min: -limit, max: limit }).map((value) => value / 1000);
  const shifted = fc
    .tuple(fc.array(thousandths(90), { minLength: 14, maxLength: 14 }), thousandths(100))
    // A distinct fraction each, so that there are neither ties nor zeros.
    .map(([values, shift]) => values.map((value, i) => value + shift + 2 ** -(i + 14)));
  const third = { lookIndex: 2 };

  it('flips with the sides', () => {
    const flipped = {
      improved: 'regressed',
      regressed: 'improved',
      equivalent: 'equivalent',
      undecided: 'undecided',
    };
    const seen = new Set<string>();
    fc.assert(
      fc.property(shifted, (values) => {
        const result = look(values, third);
        const mirrored = look(
          values.map((value) => -value),
          third,
        );
        seen.add(result.verdict);
        expect(mirrored.verdict).toBe(flipped[result.verdict]);
        expect(mirrored.realButSmall).toBe(result.realButSmall);
        expect(mirrored.estimate).toBeCloseTo(-(result.estimate ?? 0), 12);
        expect(mirrored.interval?.[1]).toBeCloseTo(-(result.interval?.[0] ?? 0), 12);
      }),
      { seed: 5, numRuns: 300 },
    );
    expect([...seen].sort()).toEqual(['equivalent', 'improved', 'regressed', 'undecided']);
  });

  it('does not depend on the order of the blocks, and its interval contains its estimate', () => {
    fc.assert(
      fc.property(shifted, fc.integer(), (values, seed) => {
        const result = look(values, third);
        expect(look(seededRandom(seed).shuffle(values), third)).toEqual(result);
        const [low, high] = result.interval ?? [Number.NaN, Number.NaN];
        expect(low).toBeLessThanOrEqual(result.estimate ?? Number.NaN);
        expect(high).toBeGreaterThanOrEqual(result.estimate ?? Number.NaN);
      }),
    );
  });

  it('with no floor calls a change exactly when the test at the boundary rejects', () => {
    const critical = boundary(0.04, 'standard', 2) ?? -1;
    let rejections = 0;
    fc.assert(
      fc.property(shifted, fc.integer(), (values, seed) => {
        const { wPlus, wMinus } = signedRank(values, seededRandom(seed));
        const rejected = Math.min(wPlus, wMinus) <= critical;
        rejections += rejected ? 1 : 0;
        const { verdict } = look(values, { ...third, delta: 0, floor: 0 });
        expect(verdict).toBe(rejected ? (wPlus > wMinus ? 'regressed' : 'improved') : 'undecided');
      }),
      { seed: 6, numRuns: 300 },
    );
    expect(rejections).toBeGreaterThan(20);
    expect(rejections).toBeLessThan(280);
  });
});

describe('defaultFloor', () => {
  it('is 1 % for ratios and a fifth of the minimum effect for differences, and below the minimum effect', () => {
    expect(defaultFloor(Math.log1p(0.05), 'ratio')).toBe(0.01);
    expect(defaultFloor(0.008, 'ratio')).toBe(0.004);
    expect(defaultFloor(5, 'difference')).toBe(1);
  });
});
