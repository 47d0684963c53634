import wilcoxon from '@stdlib/stats-wilcoxon';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/core/random.ts';
import { criticalValue, signedRank } from '../../../src/core/stats/signed-rank.ts';

const random = seededRandom(1);

describe('criticalValue', () => {
  it('is the published table, two-sided 5 %', () => {
    // OEIS A226330 (2.5 % one-sided, n = 6 to 60), which agrees with McCornack, JASA 60 (1965), table 1.
    const published = [
      0, 2, 3, 5, 8, 10, 13, 17, 21, 25, 29, 34, 40, 46, 52, 58, 65, 73, 81, 89, 98, 107, 116, 126, 137, 147,
      159, 170, 182, 195, 208, 221, 235, 249, 264, 279, 294, 310, 327, 343, 361, 378, 396, 415, 434, 453, 473,
      494, 514, 536, 557, 579, 602, 625, 648,
    ];
    expect(published.map((_, i) => criticalValue(i + 6, 0.05))).toEqual(published);
  });

  it('is the published table, two-sided 1 %', () => {
    // McCornack (1965), one-tail .005, n = 8 to 25.
    const published = [0, 1, 3, 5, 7, 9, 12, 15, 19, 23, 27, 32, 37, 42, 48, 54, 61, 68];
    expect(published.map((_, i) => criticalValue(i + 8, 0.01))).toEqual(published);
  });

  it('is null when even the most extreme signs are not rare enough', () => {
    expect(criticalValue(5, 0.05)).toBeNull();
    expect(criticalValue(7, 0.01)).toBeNull();
    expect(criticalValue(0, 0.05)).toBeNull();
  });
});

describe('signedRank', () => {
  it('is the example of Hollander and Wolfe (1973), p. 29, as R prints it', () => {
    // R: wilcox.test(x, y, paired = TRUE, alternative = "greater"): V = 40, p-value = 0.01953
    const x = [1.83, 0.5, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.3];
    const y = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29];
    const result = signedRank(
      x.map((value, i) => value - (y[i] ?? 0)),
      random,
    );
    expect(result).toMatchObject({ n: 9, wPlus: 40, wMinus: 5 });
    expect(result.p).toBeCloseTo(2 * 0.01953125, 10);
  });

  it('agrees with @stdlib/stats-wilcoxon where that is exact: no ties, no zeros', () => {
    const sizes = fc.uniqueArray(fc.integer({ min: 1, max: 10_000 }), { minLength: 2, maxLength: 60 });
    fc.assert(
      fc.property(sizes, fc.integer(), (values, seed) => {
        const coins = seededRandom(seed);
        const differences = values.map((value) => (coins.coin() === 1 ? value : -value));
        const ours = signedRank(differences, coins);
        const theirs = wilcoxon(differences, { exact: true });
        expect(ours.wPlus).toBe(theirs.statistic);
        // stdlib's p passes 1 in the middle of the distribution, and for more than 50 values it is approximate.
        if (values.length <= 50) expect(ours.p).toBeCloseTo(Math.min(1, theirs.pValue), 9);
      }),
      { numRuns: 60 },
    );
  });

  it('is exact with ties: all sign patterns counted by hand', () => {
    const differences = [1, 1, -1, 2, 2, 3, -4, 5, 5, 5];
    const observed = signedRank(differences, random);
    const sizes = differences.map(Math.abs);
    const smaller = Math.min(observed.wPlus, observed.wMinus);
    let asExtreme = 0;
    for (let pattern = 0; pattern < 2 ** sizes.length; pattern++) {
      const flipped = sizes.map((size, i) => ((pattern >> i) & 1 ? size : -size));
      const { wPlus, wMinus } = signedRank(flipped, random);
      if (Math.min(wPlus, wMinus) <= smaller) asExtreme++;
    }
    expect(observed.wPlus).toBe(2 + 2 + 4.5 + 4.5 + 6 + 9 + 9 + 9);
    expect(observed.p).toBeCloseTo(asExtreme / 2 ** sizes.length, 12);
  });

  it('keeps zeros, with signs from the seed', () => {
    const differences = [0, 0, 0, 0, 0, 0, 0, 0, 0, 3];
    expect(signedRank(differences, seededRandom(5))).toEqual(signedRank(differences, seededRandom(5)));
    const sums = new Set(
      Array.from({ length: 20 }, (_, seed) => signedRank(differences, seededRandom(seed)).wPlus),
    );
    expect(sums.size).toBeGreaterThan(3);
    // Nine zeros and one change: dropped zeros would leave p = 1 of one value, all-positive zeros p = .002.
    const rejections = Array.from(
      { length: 400 },
      (_, seed) => signedRank(differences, seededRandom(seed)).p,
    );
    expect(rejections.filter((p) => p !== null && p <= 0.05).length).toBeLessThan(400 * 0.09);
  });

  it('says nothing about nothing', () => {
    expect(signedRank([], random)).toEqual({ n: 0, wPlus: 0, wMinus: 0, p: null });
  });

  it('turns around with its signs and does not mind the order', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.integer({ min: -30, max: 30 }).filter((d) => d !== 0),
          { maxLength: 40 },
        ),
        fc.integer(),
        (differences, seed) => {
          const result = signedRank(differences, random);
          const flipped = signedRank(
            differences.map((d) => -d),
            random,
          );
          expect([flipped.wPlus, flipped.wMinus, flipped.p]).toEqual([result.wMinus, result.wPlus, result.p]);
          expect(signedRank(seededRandom(seed).shuffle(differences), random)).toEqual(result);
        },
      ),
    );
  });
});
