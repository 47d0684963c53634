import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  COMPLEXITY_CLASSES,
  type ComplexityClass,
  complexityFitSchema,
  type ComplexityFit,
} from '../../../src/core/model/sweep.ts';
import { type Random, seededRandom } from '../../../src/core/random.ts';
import { fitComplexity, type SizeLevel, timeAt } from '../../../src/core/scaling/complexity-class.ts';
import { normal } from '../stats/noise.ts';
import { recordedSweep } from './recorded-sweeps.ts';

const GROWTH: Readonly<Record<ComplexityClass, (n: number) => number>> = {
  '1': () => 1,
  'log n': Math.log,
  n: (n) => n,
  'n log n': (n) => n * Math.log(n),
  'n^2': (n) => n * n,
  'n^3': (n) => n * n * n,
};
const doubled = (from: number, count: number) => Array.from({ length: count }, (_, i) => from * 2 ** i);
/** 500 to 64,000, as in the notes on profiling, section 8. */
const SIZES = doubled(500, 8);

interface Program {
  readonly class: ComplexityClass;
  /** Cost without input, as a share of the time at the largest size. */
  readonly fixedShare?: number;
}

function timeOf({ class: name, fixedShare = 0 }: Program, sizes: readonly number[], n: number): number {
  const largest = GROWTH[name](sizes.at(-1) ?? 1);
  return 20 * (GROWTH[name](n) / largest + fixedShare);
}

function noisy(
  program: Program,
  sizes: readonly number[],
  spread: number,
  random: Random,
  samples = 3,
): readonly SizeLevel[] {
  return sizes.map((size) => ({
    size,
    times: Array.from(
      { length: samples },
      () => timeOf(program, sizes, size) * Math.exp(spread * normal(random)),
    ),
  }));
}

function fit(levels: readonly SizeLevel[]): ComplexityFit {
  const fitted = fitComplexity(levels);
  if (fitted.kind === 'none') throw new Error(fitted.text);
  return complexityFitSchema.parse(fitted);
}

/** Share of sweeps that get the class of the program. */
function rightOf(
  program: Program,
  spread: number,
  {
    sizes = SIZES,
    samples = 1,
    count = 200,
  }: { sizes?: readonly number[]; samples?: number; count?: number } = {},
): number {
  const random = seededRandom(5);
  const fits = Array.from({ length: count }, () => fit(noisy(program, sizes, spread, random, samples)));
  return fits.filter((fitted) => fitted.class === program.class).length / count;
}

describe('fitComplexity on synthetic sweeps', () => {
  // In 1000 trials each: 99.6 to 100 % at 3 % noise, with and without a fixed cost; 94 to 100 % at 10 %.
  it.each(COMPLEXITY_CLASSES)(
    'is right in 97 of 100 sweeps at 3 %% noise and one process a size: O(%s)',
    (name) => {
      expect(rightOf({ class: name }, 0.03)).toBeGreaterThan(0.97);
      expect(rightOf({ class: name, fixedShare: 0.02 }, 0.03)).toBeGreaterThan(0.97);
    },
  );

  it.each(COMPLEXITY_CLASSES)('is right in 88 of 100 sweeps at 10 %% noise: O(%s)', (name) => {
    expect(rightOf({ class: name }, 0.1)).toBeGreaterThan(0.88);
  });

  it.each(['n^2', 'n^3'] as const)('five sizes over 1.2 decades tell O(%s) from its neighbours', (name) => {
    expect(rightOf({ class: name }, 0.03, { sizes: doubled(1000, 5) })).toBeGreaterThan(0.97);
  });

  it('finds the class and the curve of exact data, in any unit', () => {
    const programs = fc.record({
      class: fc.constantFrom(...COMPLEXITY_CLASSES),
      fixedShare: fc.double({ min: 0, max: 0.01, noNaN: true }),
    });
    fc.assert(
      fc.property(programs, fc.double({ min: -6, max: 6, noNaN: true }), (program, power) => {
        const levels = SIZES.map((size) => ({ size, times: [10 ** power * timeOf(program, SIZES, size)] }));
        const fitted = fit(levels);
        expect(fitted.class).toBe(program.class);
        const chosen = fitted.candidates.find((candidate) => candidate.class === fitted.class);
        for (const { size, times } of levels) {
          expect(chosen && timeAt(chosen, size) / (times[0] ?? 0)).toBeCloseTo(1, 6);
        }
      }),
    );
  });

  it('does not mind the order of the sizes, and forgives one stalled process of three', () => {
    const levels = noisy({ class: 'n log n' }, SIZES, 0.02, seededRandom(8));
    expect(fit(levels.toReversed())).toEqual(fit(levels));
    const stalled = levels.map(({ size, times: [first = 0, ...rest] }, i) => ({
      size,
      times: [i % 3 === 0 ? 5 * first : first, ...rest],
    }));
    expect(fit(stalled).class).toBe('n log n');
  });
});

describe('n against n log n', () => {
  const random = seededRandom(9);
  const linearithmic = (sizes: readonly number[], spread: number, samples = 5) =>
    fit(noisy({ class: 'n log n' }, sizes, spread, random, samples));

  it('is settled with 8 sizes over two decades, known to 3 %', () => {
    const fitted = linearithmic(SIZES, 0.02);
    expect(fitted).toMatchObject({ class: 'n log n', label: 'O(n log n)', settled: true });
    expect(fitted.candidates.find((candidate) => candidate.class === 'n')?.ruled_out).toBe(true);
    expect(fit(noisy({ class: 'n' }, SIZES, 0.02, random, 5))).toMatchObject({
      label: 'O(n)',
      settled: true,
    });
  });

  it.each([
    ['fewer sizes', doubled(500, 7), 0.02, 5, '8 sizes (7 were measured)'],
    ['a narrower span', doubled(500, 8).map((size) => Math.sqrt(size)), 0.02, 5, 'a span of two decades'],
    ['more noise', SIZES, 0.15, 5, 'times known to 3 % (here'],
    ['one process for each size', SIZES, 0.02, 1, 'three processes for each size'],
  ] as const)('is not with %s, and says what it takes', (_, sizes, spread, samples, text) => {
    const fitted = linearithmic(sizes, spread, samples);
    expect(fitted).toMatchObject({ label: '≈ linear', settled: false });
    expect(fitted.why).toContain(text);
  });

  it('cuts noise by repeating: 10 % of one process are settled with 25 of them', () => {
    expect(linearithmic(SIZES, 0.1, 5).settled).toBe(false);
    expect(linearithmic(SIZES, 0.1, 25)).toMatchObject({ class: 'n log n', settled: true });
  });
});

describe('warnings of a complexity fit', () => {
  const exact = (time: (n: number) => number, sizes = SIZES) =>
    fit(sizes.map((size) => ({ size, times: [1, 1.001, 0.999].map((x) => x * time(size)) })));
  const codes = ({ warnings }: ComplexityFit) => warnings.map(({ code }) => code);

  it('are none for a class that fits', () => {
    expect(codes(exact((n) => n ** 2))).toEqual([]);
  });

  it('tell what grows faster than all classes', () => {
    const fitted = exact((n) => 2 ** n, doubled(2, 5));
    expect(fitted.class).toBe('n^3');
    expect(codes(fitted)).toEqual(['steeper_than_classes']);
    expect(fitted.settled).toBe(false);
  });

  it('tell where growth changes with size', () => {
    // Linear up to 16,000, quadratic from there on.
    const fitted = exact((n) => (n <= 16_000 ? n : n ** 2 / 16_000));
    expect(codes(fitted)).toEqual(['growth_changes']);
  });

  it('tell when no class predicts anything', () => {
    const fitted = exact((n) => (Math.log2(n / 500) % 2 === 0 ? 1 : 10));
    expect(codes(fitted)).toContain('no_class_fits');
    expect(fitted.settled).toBe(false);
  });

  it('tell that sizes rest on one or two processes', () => {
    expect(codes(fit(SIZES.map((size) => ({ size, times: [size] }))))).toEqual(['few_samples_per_point']);
  });
});

describe('sizes that cannot be fitted', () => {
  const linear = (sizes: readonly number[]) => fitComplexity(sizes.map((size) => ({ size, times: [size] })));

  it('are refused with the reason', () => {
    expect(linear([10, 1000])).toMatchObject({ kind: 'none', reason: 'too_few_levels' });
    expect(linear([1000, 2000, 3000, 4000])).toMatchObject({ kind: 'none', reason: 'too_narrow' });
    expect(linear([0.1, 1, 10, 100])).toMatchObject({ kind: 'none', reason: 'not_positive' });
    expect(
      fitComplexity([1, 10, 100, 1000].map((size) => ({ size, times: [size === 10 ? 0 : 1] }))),
    ).toMatchObject({
      kind: 'none',
      reason: 'not_positive',
      text: expect.stringContaining('size 10') as string,
    });
  });
});

describe('recorded sweeps', () => {
  const recorded = (name: string) =>
    fit(recordedSweep(name).points.map(({ value, samples }) => ({ size: value, times: samples })));

  it.each([
    ['quadratic', 'O(n²)'],
    ['linearithmic', 'O(n log n)'],
    ['linear', 'O(n)'],
    ['constant', 'O(1)'],
  ])('%s is %s', (name, label) => {
    expect(recorded(name)).toMatchObject({ label, settled: true });
  });

  it('the same n log n function on a busy machine is not settled', () => {
    const fitted = recorded('linearithmic-busy');
    expect(fitted).toMatchObject({ label: '≈ linear', settled: false });
    expect(
      fitted.candidates.filter(({ ruled_out }) => !ruled_out).map((candidate) => candidate.class),
    ).toContain('n log n');
  });
});
