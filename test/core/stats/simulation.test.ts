import { describe, expect, it } from 'vitest';
import type { Effort } from '../../../src/core/model/measurement.ts';
import { type Random, seededRandom } from '../../../src/core/random.ts';
import { compareAtLook, type LookVerdict } from '../../../src/core/stats/compare.ts';
import { LOOKS, maximumBlocks } from '../../../src/core/stats/looks.ts';
import { shiftOf } from '../../../src/core/stats/paired-differences.ts';
import { resolvableFromBlocks } from '../../../src/core/stats/resolvable.ts';
import { cauchy, normal } from './noise.ts';

type Noise = (random: Random, block: number, blocks: number) => number;

const NOISES: Readonly<Record<string, Noise>> = {
  normal: (random) => 0.05 * normal(random),
  cauchy: (random) => 0.02 * cauchy(random),
  'growing tenfold': (random, block, blocks) => 0.01 * 10 ** (block / (blocks - 1)) * normal(random),
};

interface Trial {
  readonly effort: Effort;
  readonly shift: number;
  readonly noise: Noise;
  readonly delta: number;
  readonly floor: number;
}

/** The whole procedure as a validation runs it: look by look, ending with the first verdict. */
function decide({ effort, shift, noise, delta, floor }: Trial, random: Random): LookVerdict {
  const differences: number[] = [];
  for (const [lookIndex, blocks] of LOOKS[effort].entries()) {
    while (differences.length < blocks) {
      differences.push(shift + noise(random, differences.length, maximumBlocks(effort)));
    }
    const { verdict } = compareAtLook({
      differences,
      alpha: 0.04,
      schedule: effort,
      lookIndex,
      delta,
      floor,
    });
    if (verdict !== 'undecided') return verdict;
  }
  return 'undecided';
}

function countVerdicts(trial: Trial, trials: number, seed: number): Readonly<Record<LookVerdict, number>> {
  const random = seededRandom(seed);
  const counts = { improved: 0, regressed: 0, equivalent: 0, undecided: 0 };
  for (let i = 0; i < trials; i++) counts[decide(trial, random)]++;
  return counts;
}

const FIVE_PERCENT = shiftOf(0.05, 'ratio');

describe('the whole sequential procedure on unchanged code, 2000 seeded trials each', () => {
  const trials = 2000;
  for (const effort of ['quick', 'standard', 'thorough'] as const) {
    for (const [name, noise] of Object.entries(NOISES)) {
      it(`${effort}, ${name} noise: at most 6 % false verdicts even without a floor, 2 % with it`, () => {
        // Without floor and with delta 0 nothing but the boundary stands between noise and a verdict.
        const bare = countVerdicts({ effort, shift: 0, noise, delta: 0, floor: 0 }, trials, 21);
        const false_ = bare.improved + bare.regressed;
        expect(false_).toBeLessThanOrEqual(0.06 * trials);
        // And the alpha is used: a test that never rejects would pass the line above.
        expect(false_).toBeGreaterThan(0.02 * trials);
        // Neither side is favoured: a binomial half, four standard errors.
        expect(Math.abs(bare.improved - bare.regressed)).toBeLessThan(4 * Math.sqrt(false_));
        const shipped = countVerdicts(
          { effort, shift: 0, noise, delta: FIVE_PERCENT, floor: 0.01 },
          trials,
          22,
        );
        expect(shipped.improved + shipped.regressed).toBeLessThanOrEqual(0.02 * trials);
      });
    }
  }
});

describe('power', () => {
  const noise: Noise = (random) => 0.05 * normal(random);

  it.each(['quick', 'standard', 'thorough'] as const)(
    '%s: a change of 10 % under noise of 5 % is called in more than 95 % of tries, on the right side',
    (effort) => {
      const trial = { effort, noise, delta: FIVE_PERCENT, floor: 0.01 };
      const worse = countVerdicts({ ...trial, shift: shiftOf(0.1, 'ratio') }, 400, 31);
      expect(worse.regressed).toBeGreaterThan(380);
      const better = countVerdicts({ ...trial, shift: shiftOf(-0.1, 'ratio') }, 400, 32);
      expect(better.improved).toBeGreaterThan(380);
    },
  );

  it.each(['quick', 'standard', 'thorough'] as const)(
    '%s: the resolvable effect is one that about four of five tries call',
    (effort) => {
      const random = seededRandom(33);
      const sample = Array.from({ length: 2000 }, () => noise(random, 0, 1));
      const effect = resolvableFromBlocks(sample, effort, { scale: 'ratio', minimumEffect: 0.05 }) ?? 0;
      const shift = shiftOf(effect, 'ratio');
      // The minimum effect is set below, so that "equivalent" cannot come first.
      const counts = countVerdicts({ effort, noise, shift, delta: shift / 2, floor: 0.01 }, 600, 34);
      expect(counts.regressed / 600).toBeGreaterThan(0.72);
      expect(counts.regressed / 600).toBeLessThan(0.92);
    },
  );
});

describe('equivalence', () => {
  it('is found for unchanged code on a quiet machine, and hardly ever for a change beyond the minimum effect', () => {
    const noise: Noise = (random) => 0.02 * normal(random);
    const trial = { effort: 'standard', noise, delta: FIVE_PERCENT, floor: 0.01 } as const;
    expect(countVerdicts({ ...trial, shift: 0 }, 400, 41).equivalent).toBeGreaterThan(380);
    expect(countVerdicts({ ...trial, shift: FIVE_PERCENT }, 2000, 42).equivalent).toBeLessThan(0.05 * 2000);
  });
});
