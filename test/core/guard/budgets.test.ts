import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  budgetByHand,
  budgetFromBaseline,
  budgetFromGoal,
  budgetId,
  judgeBudget,
} from '../../../src/core/guard/budgets.ts';
import { budgetSchema, type Budget } from '../../../src/core/model/guard.ts';
import type { Estimate } from '../../../src/core/model/measurement.ts';
import { METRIC_NAMES, METRICS, type MetricName } from '../../../src/core/model/metrics.ts';
import { aBaseline } from '../../support/records.ts';

const NOW = '2026-01-01T00:00:00.000Z';
const estimate = (low: number, high: number): Estimate => ({
  value: (low + high) / 2,
  interval: [low, high],
  n: 6,
  confidence: 0.97,
  resolvable_effect: null,
});
const baselineOf = (metric: MetricName, value: Estimate) => aBaseline({ estimates: { [metric]: value } });
const limitOf = ({ max, min }: Budget) => ({ max, min });

describe('a budget from a baseline', () => {
  it.each([
    ['latency_p95_ms', estimate(40, 44), { max: 46.2, min: undefined }],
    ['throughput_rps', estimate(400, 420), { max: undefined, min: 380 }],
    // In the metric's own unit: a share that may be 0 has no 5 %.
    ['error_rate', estimate(0, 0.002), { max: 0.003, min: undefined }],
    ['gc_share', estimate(0.1, 0.1), { max: 0.12, min: undefined }],
  ] as const)('of %s lies the minimum effect beyond the bad end of the interval', (metric, value, limit) => {
    expect(limitOf(budgetFromBaseline(baselineOf(metric, value), metric, NOW))).toEqual(limit);
  });

  it('starts from the value where there is no interval', () => {
    const { max } = budgetFromBaseline(
      baselineOf('latency_p95_ms', { ...estimate(40, 40), interval: null }),
      'latency_p95_ms',
      NOW,
    );
    expect(max).toBe(42);
  });

  it('keeps where it came from', () => {
    const budget = budgetFromBaseline(aBaseline(), 'latency_p95_ms', NOW);
    expect(budget.provenance).toMatchObject({ from: 'baseline', id: 'base_1', machine: 'machine_1' });
    expect(budget.provenance.estimate).toEqual(aBaseline().estimates.latency_p95_ms);
  });

  it('is refused for a metric that was not measured', () => {
    expect(() => budgetFromBaseline(aBaseline(), 'gc_share', NOW)).toThrow(
      expect.objectContaining({ code: 'nothing_to_guard', fix: 'It has: latency_p95_ms.' }),
    );
  });

  it('passes on the very numbers that it was made from', () => {
    const share = fc.double({ min: 0.001, max: 1, noNaN: true });
    fc.assert(
      fc.property(share, fc.nat(300), fc.constantFrom(...METRIC_NAMES), (size, perMille, metric) => {
        // Shares up to 1, everything else up to 10,000 of its unit.
        const low = METRICS[metric].unit === 'ratio' ? size : size * 10_000;
        const some = estimate(low, low * (1 + perMille / 1000));
        const budget = budgetFromBaseline(baselineOf(metric, some), metric, NOW);
        expect(budgetSchema.parse(budget)).toEqual(budget);
        const bound = METRICS[metric].better === 'lower' ? 'max' : 'min';
        expect(Object.keys(budget)).toContain(bound);
        const judged = judgeBudget(budget, { [metric]: some }, 'machine_1').outcome;
        expect(judged).toBe('pass');
      }),
    );
  });
});

describe('a budget from a goal or by hand', () => {
  it('is the limit itself', () => {
    const objective = { workload: 'w', metric: 'throughput_rps', min: 300, primary: true } as const;
    const { primary: _primary, ...kept } = objective;
    expect(budgetFromGoal(objective, undefined, NOW)).toMatchObject({
      ...kept,
      id: 'w-throughput_rps',
      provenance: {
        from: 'goal',
        id: null,
        machine: null,
        text: 'the objective in goals.json, not measured yet',
      },
    });
    expect(
      budgetFromGoal({ workload: 'list-posts', metric: 'latency_p95_ms', max: 1 }, aBaseline(), NOW),
    ).toMatchObject({
      max: 1,
      provenance: { id: 'base_1', text: 'the objective in goals.json; measured in base_1' },
    });
    expect(budgetByHand('w', 'error_rate', { max: 0 }, NOW)).toMatchObject({
      max: 0,
      provenance: { from: 'manual', id: null },
    });
    expect(budgetByHand('w', 'throughput_rps', { min: 0 }, NOW)).toMatchObject({ min: 0 });
  });
});

describe('budgetId', () => {
  it('is a valid name that no other workload and metric have', () => {
    const letters = fc.constantFrom('a', 'b', '-');
    const name = fc.string({ unit: letters, minLength: 0, maxLength: 63 }).map((rest) => `w${rest}`);
    fc.assert(
      fc.property(fc.uniqueArray(name, { minLength: 2, maxLength: 4 }), (workloads) => {
        const ids = workloads.flatMap((workload) => METRIC_NAMES.map((metric) => budgetId(workload, metric)));
        expect(new Set(ids).size).toBe(ids.length);
        for (const id of ids) expect(id).toMatch(/^[a-z0-9][a-z0-9_-]{0,63}$/);
      }),
    );
    expect(new Set(METRIC_NAMES.map((metric) => budgetId('w'.repeat(64), metric))).size).toBe(
      METRIC_NAMES.length,
    );
    expect(budgetId('list-posts', 'error_rate')).toBe('list-posts-error_rate');
  });
});

describe('judgeBudget', () => {
  const BUDGET = budgetByHand('w', 'latency_p95_ms', { max: 100 }, NOW);
  const judge = (value: Estimate | undefined, budget = BUDGET, machine = 'machine_1') =>
    judgeBudget(budget, value ? { latency_p95_ms: value } : {}, machine);

  it.each([
    [estimate(80, 100), 'pass'],
    [estimate(90, 101), 'inconclusive'],
    [estimate(101, 120), 'fail'],
    [{ ...estimate(50, 50), interval: null }, 'inconclusive'],
    [undefined, 'invalid'],
  ] as const)('of %j is %s', (value, outcome) => {
    expect(judge(value)).toMatchObject({
      outcome,
      budget_id: 'w-latency_p95_ms',
      bound: 'max',
      limit: 100,
      value: value?.value ?? null,
      n: value?.n ?? 0,
    });
  });

  it('keeps a minimum the other way round', () => {
    const atLeast = budgetByHand('w', 'latency_p95_ms', { min: 100 }, NOW);
    expect(judge(estimate(101, 120), atLeast)).toMatchObject({ outcome: 'pass', bound: 'min' });
    expect(judge(estimate(80, 99), atLeast).outcome).toBe('fail');
  });

  it('does not blame the code for another machine, but lets it pass there', () => {
    const measured = budgetFromBaseline(
      baselineOf('latency_p95_ms', estimate(40, 44)),
      'latency_p95_ms',
      NOW,
    );
    expect(judge(estimate(60, 70), measured).outcome).toBe('fail');
    const elsewhere = judge(estimate(60, 70), measured, 'machine_2');
    expect(elsewhere.outcome).toBe('inconclusive');
    expect(elsewhere.reason).toContain('another machine');
    expect(judge(estimate(30, 31), measured, 'machine_2').outcome).toBe('pass');
    // A goal holds everywhere.
    const goal = budgetFromGoal({ workload: 'w', metric: 'latency_p95_ms', max: 50 }, aBaseline(), NOW);
    expect(judge(estimate(60, 70), goal, 'machine_2').outcome).toBe('fail');
  });
});
