import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  compareMetrics,
  guardrailMetrics,
  isDecided,
  judgeExperiment,
  type ComparisonPlan,
} from '../../../src/core/experiment/comparisons.ts';
import type { SamplePair } from '../../../src/core/measurement/estimates.ts';
import type { Comparison } from '../../../src/core/model/experiment.ts';
import { NO_GOALS } from '../../../src/core/model/goals.ts';
import { METRICS, type MetricName } from '../../../src/core/model/metrics.ts';
import { alphaForAttempt } from '../../../src/core/stats/alpha.ts';
import { LOOKS } from '../../../src/core/stats/looks.ts';
import { somePairs, without, withMetrics } from '../measurement/pairs.ts';

const PLAN: ComparisonPlan = {
  primary: 'latency_p95_ms',
  guardrails: ['error_rate', 'rss_peak_bytes'],
  effort: 'standard',
  attempt: 1,
  alpha: alphaForAttempt(1),
};

const find = (comparisons: readonly Comparison[], metric: MetricName) =>
  comparisons.find((comparison) => comparison.metric === metric);
const primaryOf = (pairs: readonly SamplePair[], plan = PLAN) =>
  find(compareMetrics(pairs, plan), plan.primary);

/** Every look at which measuring would stop, as the loop would ask: after each block. */
function stopsAfter(pairs: readonly SamplePair[], plan = PLAN): number | undefined {
  return pairs.map((_, index) => index + 1).find((blocks) => isDecided(pairs.slice(0, blocks), plan));
}

describe('compareMetrics', () => {
  it('finds no effect where there is none', () => {
    const comparison = primaryOf(somePairs(24, { seed: 2 }));
    expect(comparison).toMatchObject({ role: 'primary', verdict: 'equivalent', scale: 'ratio', n: 24 });
    expect(comparison?.interval?.[0]).toBeLessThan(0);
    expect(comparison?.interval?.[1]).toBeGreaterThan(0);
    expect(comparison?.blocks_to_resolve).toBeNull();
  });

  it('finds an effect of 10 %, as a change of the candidate against the baseline', () => {
    const faster = primaryOf(somePairs(14, { effect: { latency_p95_ms: 0.9 } }));
    expect(faster?.verdict).toBe('improved');
    expect(faster?.change).toBeCloseTo(-0.1, 1);
    expect(faster?.interval?.[1]).toBeLessThan(-0.05);
    expect(primaryOf(somePairs(14, { effect: { latency_p95_ms: 1.1 } }))?.verdict).toBe('regressed');
    // More throughput is better, and its change has the same sign as the numbers.
    const throughput = { ...PLAN, primary: 'throughput_rps' } as const;
    const more = primaryOf(somePairs(14, { effect: { throughput_rps: 1.1 } }), throughput);
    expect(more?.verdict).toBe('improved');
    expect(more?.change).toBeCloseTo(0.1, 1);
    expect(more?.interval?.[0]).toBeLessThan(more?.interval?.[1] ?? -Infinity);
  });

  it('calls a real change below the minimum effect by its name', () => {
    const small = primaryOf(somePairs(24, { noise: 0.003, effect: { latency_p95_ms: 0.98 } }));
    expect(small).toMatchObject({ verdict: 'equivalent', real_but_small: true, minimum_effect: 0.05 });
    expect(judgeExperiment(small ? [small] : []).reason).toBe(
      'latency p95 changed, but by less than the minimum effect',
    );
  });

  it('sees a guardrail that regressed beside a better primary', () => {
    const comparisons = compareMetrics(
      somePairs(14, { effect: { latency_p95_ms: 0.8, rss_peak_bytes: 1.5 } }),
      PLAN,
    );
    expect(find(comparisons, 'rss_peak_bytes')).toMatchObject({ role: 'guardrail', verdict: 'regressed' });
    expect(judgeExperiment(comparisons)).toEqual({
      verdict: 'improved',
      reason: 'latency p95 improved; guardrail regressed: peak RSS',
    });
    expect(find(comparisons, 'cpu_us_per_request')?.role).toBe('reported');
  });

  it('compares shares that may be 0 as differences', () => {
    const pairs = withMetrics(somePairs(14), (metrics, side) => ({
      ...metrics,
      error_rate: side === 'a' ? 0 : 0.01,
    }));
    expect(find(compareMetrics(pairs, PLAN), 'error_rate')).toMatchObject({
      scale: 'difference',
      verdict: 'regressed',
      change: 0.01,
      baseline: 0,
      candidate: 0.01,
    });
  });

  it('says nothing about a metric that one process did not give: as primary it makes the experiment invalid', () => {
    const pairs = withMetrics(somePairs(8), (metrics, side, block) =>
      side === 'b' && block === 7 ? without(metrics, 'latency_p95_ms') : metrics,
    );
    const comparisons = compareMetrics(pairs, PLAN);
    expect(find(comparisons, 'latency_p95_ms')).toBeUndefined();
    expect(judgeExperiment(comparisons)).toMatchObject({ verdict: 'invalid' });
    expect(isDecided(pairs, PLAN)).toBe(false);
  });

  it('says nothing about a ratio of zeros', () => {
    const pairs = withMetrics(somePairs(14), (metrics, side, block) =>
      side === 'a' && block === 3 ? { ...metrics, cpu_us_per_request: 0 } : metrics,
    );
    expect(find(compareMetrics(pairs, PLAN), 'cpu_us_per_request')).toBeUndefined();
    expect(find(compareMetrics(pairs, PLAN), 'latency_p95_ms')).toBeDefined();
  });

  it('uses the blocks of the last look that was reached, and no more', () => {
    const pairs = somePairs(13);
    expect(compareMetrics(pairs, PLAN)).toEqual(compareMetrics(pairs.slice(0, 11), PLAN));
    expect(primaryOf(pairs)?.n).toBe(11);
    expect(primaryOf(somePairs(5))).toMatchObject({ n: 5, verdict: 'inconclusive', interval: null });
    expect(primaryOf(somePairs(5))?.change).not.toBeNull();
    expect(compareMetrics([], PLAN)).toEqual([]);
  });

  it('gives a repeated attempt wider intervals', () => {
    const pairs = somePairs(24);
    const width = (attempt: number) => {
      const [low, high] = primaryOf(pairs, { ...PLAN, attempt, alpha: alphaForAttempt(attempt) })
        ?.interval ?? [0, 0];
      return high - low;
    };
    expect(width(4)).toBeGreaterThan(width(1));
    // Past the end of the table there is no verdict at all.
    const spent = primaryOf(pairs, { ...PLAN, attempt: 12, alpha: alphaForAttempt(12) });
    expect(spent).toMatchObject({ verdict: 'inconclusive', interval: null });
  });

  it('flips with the sides', () => {
    const flipped = {
      improved: 'regressed',
      regressed: 'improved',
      equivalent: 'equivalent',
      inconclusive: 'inconclusive',
    };
    const pairs = fc
      .tuple(fc.nat(1e6), fc.constantFrom(...LOOKS.standard), fc.double({ min: 0.7, max: 1.4, noNaN: true }))
      .map(([seed, blocks, factor]) =>
        somePairs(blocks, {
          seed,
          noise: 0.05,
          effect: { latency_p95_ms: factor, throughput_rps: 1 / factor },
        }),
      );
    fc.assert(
      fc.property(pairs, (some) => {
        const there = compareMetrics(some, PLAN);
        const back = compareMetrics(
          some.map(({ a, b }) => ({ a: b, b: a })),
          PLAN,
        );
        expect(back.map(({ metric }) => metric)).toEqual(there.map(({ metric }) => metric));
        for (const [index, one] of there.entries()) {
          const other = back[index];
          expect(other?.verdict).toBe(flipped[one.verdict]);
          expect([other?.baseline, other?.candidate]).toEqual([one.candidate, one.baseline]);
          if (one.scale === 'ratio') {
            expect((1 + (other?.change ?? NaN)) * (1 + (one.change ?? NaN))).toBeCloseTo(1, 9);
          } else {
            expect(other?.change).toBeCloseTo(-(one.change ?? NaN), 12);
          }
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('isDecided', () => {
  it('looks only at looks', () => {
    const clear = somePairs(24, { effect: { latency_p95_ms: 0.5 } });
    const decided = clear.map((_, index) => isDecided(clear.slice(0, index + 1), PLAN));
    const looks: readonly number[] = LOOKS.standard;
    for (const [index, is] of decided.entries()) if (is) expect(looks).toContain(index + 1);
    expect(decided.some(Boolean)).toBe(true);
  });

  it('waits until every guardrail has an interval', () => {
    const clear = somePairs(24, { effect: { latency_p95_ms: 0.5 } });
    // One guardrail may spend what the primary may: the first look is enough. Two share it, and then it is too early.
    expect(stopsAfter(clear, { ...PLAN, guardrails: ['rss_peak_bytes'] })).toBe(8);
    expect(
      stopsAfter(clear, { ...PLAN, guardrails: ['rss_peak_bytes', 'error_rate', 'throughput_rps'] }),
    ).toBe(11);
  });

  it('goes on while the primary is undecided', () => {
    expect(stopsAfter(somePairs(24, { noise: 0.5 }))).toBeUndefined();
  });

  it('rarely calls a difference where there is none, looking at every look', () => {
    let wrong = 0;
    for (let seed = 0; seed < 300; seed++) {
      const pairs = somePairs(24, { seed, noise: 0.1 });
      const blocks = stopsAfter(pairs) ?? 24;
      const verdict = primaryOf(pairs.slice(0, blocks))?.verdict;
      if (verdict === 'improved' || verdict === 'regressed') wrong++;
    }
    // At alpha .04 twelve would be expected; the floor makes it fewer. 24 is beyond three standard deviations.
    expect(wrong).toBeLessThan(24);
  });
});

describe('guardrailMetrics', () => {
  it('are what the goals name, the error rate and memory, but not the primary', () => {
    const goals = {
      ...NO_GOALS,
      objectives: [
        { workload: 'w', metric: 'latency_p95_ms', max: 1 },
        { workload: 'w', metric: 'throughput_rps', min: 1 },
        { workload: 'other', metric: 'gc_share', max: 1 },
      ],
      constraints: [
        { name: 'start', kind: 'other', metric: 'startup_ms', max: 1 },
        { name: 'words', kind: 'other', text: 'x' },
        { name: 'far', kind: 'other', workload: 'other', metric: 'latency_p50_ms', max: 1 },
        { name: 'memory', kind: 'hardware', workload: 'w', metric: 'rss_peak_bytes', max: 1 },
      ],
    } as const;
    const writable = {
      workloads: [],
      objectives: [...goals.objectives],
      constraints: [...goals.constraints],
    };
    expect(guardrailMetrics(writable, 'w', 'latency_p95_ms')).toEqual([
      'throughput_rps',
      'startup_ms',
      'rss_peak_bytes',
      'error_rate',
    ]);
    expect(guardrailMetrics(NO_GOALS, 'w', 'error_rate')).toEqual(['rss_peak_bytes']);
  });
});

describe('judgeExperiment', () => {
  const comparison = (change: Partial<Comparison>): Comparison => ({
    metric: 'latency_p95_ms',
    role: 'primary',
    verdict: 'improved',
    scale: 'ratio',
    change: null,
    interval: null,
    confidence: null,
    n: 16,
    baseline: null,
    candidate: null,
    minimum_effect: METRICS.latency_p95_ms.minimumEffect,
    real_but_small: false,
    blocks_to_resolve: null,
    ...change,
  });

  it.each([
    ['improved', 'latency p95 improved'],
    ['regressed', 'latency p95 regressed'],
    ['equivalent', 'latency p95 did not change by as much as the minimum effect'],
    ['inconclusive', 'latency p95 is undecided after 16 blocks'],
  ] as const)('says why it is %s', (verdict, reason) => {
    expect(judgeExperiment([comparison({ verdict })])).toEqual({ verdict, reason });
  });

  it('names guardrails that regressed, and only those', () => {
    const { reason } = judgeExperiment([
      comparison({}),
      comparison({ metric: 'error_rate', role: 'guardrail', verdict: 'regressed' }),
      comparison({ metric: 'throughput_rps', role: 'guardrail', verdict: 'improved' }),
      comparison({ metric: 'startup_ms', role: 'reported', verdict: 'regressed' }),
    ]);
    expect(reason).toBe('latency p95 improved; guardrail regressed: error rate');
  });
});
