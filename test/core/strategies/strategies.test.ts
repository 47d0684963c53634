import { describe, expect, it } from 'vitest';
import { detectBottlenecks } from '../../../src/core/detectors/index.ts';
import { LAYERS } from '../../../src/core/model/evidence.ts';
import type { Bottleneck } from '../../../src/core/model/evidence.ts';
import type { Goals } from '../../../src/core/model/goals.ts';
import { METRIC_NAMES } from '../../../src/core/model/metrics.ts';
import { strategySchema } from '../../../src/core/model/strategy.ts';
import type { ExperimentRow } from '../../../src/core/ports/store.ts';
import { gradeProposal } from '../../../src/core/strategies/grade-proposal.ts';
import type { Proposal } from '../../../src/core/strategies/grade-proposal.ts';
import { STRATEGY_RULES } from '../../../src/core/strategies/index.ts';
import { proposeStrategies } from '../../../src/core/strategies/propose.ts';
import { recordedInput } from '../detectors/recorded.ts';
import type { RecordedProgram } from '../detectors/recorded.ts';

const goals: Goals = {
  workloads: [],
  objectives: [{ workload: 'list', metric: 'cpu_us_per_request', max: 1000, primary: true }],
  constraints: [],
};

function bottlenecksOf(program: RecordedProgram): readonly Bottleneck[] {
  return detectBottlenecks(recordedInput(program)).map((finding, index) => ({
    ...finding,
    id: `bn_${index + 1}`,
    run_id: 'run_1',
    baseline_id: 'base_1',
    workload: 'list',
    rank: index + 1,
    evidence_ids: [],
    created_at: '2026-01-01T00:00:00Z',
  }));
}

function first(program: RecordedProgram): Bottleneck {
  const [bottleneck] = bottlenecksOf(program);
  if (bottleneck === undefined) throw new Error(`nothing found in ${program}`);
  return bottleneck;
}

function experiment(more: Partial<ExperimentRow>): ExperimentRow {
  return {
    id: 'exp_1',
    workload: 'list',
    baseline_id: 'base_1',
    hypothesis: null,
    strategy_id: null,
    verdict: 'equivalent',
    reason: '',
    decision: 'revert',
    created_at: '2026-01-01T00:00:00Z',
    ...more,
  };
}

const keysOf = (bottlenecks: readonly Bottleneck[]) =>
  proposeStrategies(bottlenecks, goals).map(({ key }) => key);

describe('the catalogue', () => {
  it('has unique keys, all layers, known metrics and a prior between 0 and 1', () => {
    expect(new Set(STRATEGY_RULES.map(({ key }) => key)).size).toBe(STRATEGY_RULES.length);
    expect(new Set(STRATEGY_RULES.map(({ layer }) => layer))).toEqual(new Set(LAYERS));
    for (const rule of STRATEGY_RULES) {
      expect(rule.affects.length, rule.key).toBeGreaterThan(0);
      expect(METRIC_NAMES).toEqual(expect.arrayContaining([...rule.affects]));
      expect(rule.priorFractionOfCeiling).toBeGreaterThan(0);
      expect(rule.priorFractionOfCeiling).toBeLessThanOrEqual(1);
    }
  });

  it.each<[RecordedProgram, string]>([
    ['json-heavy', 'faster-serialization'],
    ['nested-loop', 'better-data-structure'],
    ['sync-crypto', 'async-instead-of-sync'],
    ['compression', 'async-instead-of-sync'],
    ['gc-churn', 'reduce-allocation'],
    ['regexp', 'linear-time-regexp'],
    ['sync-file-io', 'read-once'],
    ['array-sort', 'hoist-invariant-work'],
  ])('%s: proposes %s', (program, key) => {
    expect(keysOf(bottlenecksOf(program))).toContain(key);
  });

  it('every rule applies to something, and none to everything', () => {
    const made: readonly Bottleneck[] = [
      ...(
        [
          'json-heavy',
          'nested-loop',
          'sync-crypto',
          'gc-churn',
          'regexp',
          'sync-file-io',
          'array-sort',
        ] as const
      ).map(first),
      {
        ...first('nested-loop'),
        location: { function: 'parseRow', package: 'pg' },
        signals: ['database-client:pg'],
      },
      { ...first('nested-loop'), location: {}, signals: ['single-core'] },
      ...(
        [
          ['n-plus-one-queries', 'n-plus-one'],
          ['duplicate-work', 'duplicate'],
          ['repeated-across-requests', 'cacheable'],
          ['new-connection-per-call', 'new-connection'],
          ['serial-independent-calls', 'serial'],
          ['slow-query-plan', 'missing-index:orders(email)'],
          ['slow-query-plan', 'unusable-index:orders(placed_at)'],
          ['retry-storm', 'retries'],
          ['timer-wait', 'timer'],
          ['pool-too-small', 'pool'],
          ['long-transaction', 'long-transaction'],
          ['thread-pool-saturated', 'thread-pool'],
        ] as const
      ).map(([kind, signal]) => ({ ...first('nested-loop'), kind, signals: [signal] })),
    ];
    for (const rule of STRATEGY_RULES) {
      const hits = made.filter((bottleneck) => rule.appliesTo(bottleneck, goals) !== null).length;
      expect(hits, rule.key).toBeGreaterThan(0);
      expect(hits, rule.key).toBeLessThan(made.length);
    }
  });

  it('does not propose data access without a database, nor a cache for hashed passwords', () => {
    expect(keysOf(bottlenecksOf('nested-loop'))).not.toContain('select-less-data');
    expect(keysOf(bottlenecksOf('sync-crypto'))).not.toContain('cache-pure-result');
  });
});

describe('proposeStrategies', () => {
  it('fits the schema and carries the ceiling of the primary objective', () => {
    const strategies = proposeStrategies(bottlenecksOf('json-heavy'), goals);
    for (const strategy of strategies) {
      expect(strategySchema.safeParse(strategy).error).toBeUndefined();
      expect(strategy.id).toBe(`${strategy.bottleneck_id}--${strategy.key}`);
    }
    const top = strategies[0];
    expect(top?.ceiling?.metric).toBe('cpu_us_per_request');
    expect(top?.ceiling?.gain).toBeCloseTo(first('json-heavy').share.value, 10);
  });

  it('ranks by score, and what breaks a constraint last', () => {
    const forbidding: Goals = {
      ...goals,
      constraints: [
        { name: 'no-cache', kind: 'architecture', text: 'No caches', forbids: ['cache'] },
        { name: 'elsewhere', kind: 'architecture', forbids: ['async-processing'], workload: 'other' },
      ],
    };
    const strategies = proposeStrategies(bottlenecksOf('sync-file-io'), forbidding);
    const blocked = strategies.filter(({ conflicts }) => conflicts.length > 0);
    expect(blocked.map(({ key }) => key)).toEqual(expect.arrayContaining(['read-once', 'cache-pure-result']));
    expect(blocked[0]?.conflicts[0]).toEqual({
      constraint: 'no-cache',
      reason: 'needs cache, which it forbids (No caches)',
    });
    expect(strategies.slice(-blocked.length)).toEqual(blocked);
    const free = strategies.filter(({ conflicts }) => conflicts.length === 0).map(({ score }) => score);
    expect(free).toEqual([...free].sort((a, b) => b - a));
    expect(strategies.find(({ key }) => key === 'async-instead-of-sync')?.conflicts).toEqual([]);
  });

  it('remembers what was tried, also on the same place of an earlier run', () => {
    const bottleneck = first('nested-loop');
    const before = proposeStrategies([bottleneck], goals);
    const past: Bottleneck = { ...bottleneck, id: 'bn_old' };
    const experiments = [
      experiment({ id: 'exp_old', strategy_id: 'bn_old--better-data-structure' }),
      experiment({ id: 'exp_other', strategy_id: 'bn_elsewhere--better-data-structure' }),
      experiment({
        id: 'exp_now',
        strategy_id: 'bn_1--hoist-invariant-work',
        verdict: 'improved',
        decision: 'keep',
      }),
    ];
    const after = proposeStrategies([bottleneck], goals, {
      experiments,
      pastBottlenecks: new Map([
        ['bn_old', past],
        ['bn_elsewhere', { ...past, location: { function: 'somethingElse' } }],
      ]),
    });
    const find = (list: typeof after, key: string) => list.find((strategy) => strategy.key === key);
    expect(find(after, 'better-data-structure')?.tried).toEqual([
      { experiment_id: 'exp_old', verdict: 'equivalent', decision: 'revert' },
    ]);
    expect(find(after, 'hoist-invariant-work')?.tried).toMatchObject([
      { experiment_id: 'exp_now', verdict: 'improved' },
    ]);
    expect(find(after, 'better-data-structure')?.score).toBeLessThan(
      find(before, 'better-data-structure')?.score ?? 0,
    );
  });

  it('gives the same order for the same input', () => {
    const bottlenecks = bottlenecksOf('array-sort');
    expect(proposeStrategies([...bottlenecks].reverse(), goals)).toEqual(
      proposeStrategies(bottlenecks, goals),
    );
  });
});

describe('gradeProposal', () => {
  const bottleneck = first('nested-loop');
  const ceiling = bottleneck.ceilings.find(({ metric }) => metric === 'cpu_us_per_request');
  const gain = ceiling?.gain ?? 0;
  const upper = ceiling?.interval[1] ?? 0;
  const proposal: Proposal = {
    title: 'Index customers by id in a Map',
    layer: 'algorithm',
    bottleneck,
    expectedGain: { metric: 'cpu_us_per_request', gain: gain * 0.8 },
    needs: [],
  };
  const outcome = (grade: ReturnType<typeof gradeProposal>, name: string) =>
    grade.checks.find(({ check }) => check === name)?.outcome;

  it('finds a modest proposal of the first layer sound', () => {
    const grade = gradeProposal(proposal, goals);
    expect(grade.grade).toBe('sound');
    expect(grade.checks.map(({ outcome: result }) => result)).toEqual(Array(5).fill('passed'));
    expect(grade.ceiling).toEqual(ceiling);
  });

  it('rejects what promises more than the bottleneck costs', () => {
    const at = (value: number) =>
      gradeProposal({ ...proposal, expectedGain: { metric: 'cpu_us_per_request', gain: value } }, goals);
    expect(at(upper + 0.01).grade).toBe('rejected');
    expect(outcome(at(upper + 0.01), 'ceiling')).toBe('failed');
    expect(outcome(at((gain + upper) / 2), 'ceiling')).toBe('doubt');
    expect(outcome(at(gain), 'ceiling')).toBe('passed');
  });

  it('doubts gains that are too small to see, absent, or of a metric without a ceiling', () => {
    const small = { metric: 'cpu_us_per_request', gain: 0.01 } as const;
    expect(outcome(gradeProposal({ ...proposal, expectedGain: small }, goals), 'worth')).toBe('doubt');
    const { expectedGain: _, ...silent } = proposal;
    expect(outcome(gradeProposal(silent, goals), 'ceiling')).toBe('doubt');
    const unknown = { metric: 'startup_ms', gain: 0.5 } as const;
    expect(gradeProposal({ ...proposal, expectedGain: unknown }, goals)).toMatchObject({
      grade: 'doubtful',
      ceiling: null,
    });
  });

  it('rejects what a constraint forbids', () => {
    const forbidding: Goals = {
      ...goals,
      constraints: [{ name: 'small', kind: 'hardware', forbids: ['more-memory'] }],
    };
    const grade = gradeProposal({ ...proposal, needs: ['more-memory'] }, forbidding);
    expect(grade.grade).toBe('rejected');
    expect(grade.conflicts.map(({ constraint }) => constraint)).toEqual(['small']);
  });

  it('doubts infrastructure while the algorithm has not been looked at', () => {
    const grade = gradeProposal({ ...proposal, layer: 'infrastructure' }, goals);
    expect(outcome(grade, 'layer')).toBe('doubt');
    expect(grade.earlierLayers.map(({ key }) => key)).toContain('better-data-structure');
  });

  it('says when something alike was tried', () => {
    const history = { experiments: [experiment({ hypothesis: 'Index the customers by id, in a Map' })] };
    const grade = gradeProposal(proposal, goals, history);
    expect(grade.tried).toMatchObject([{ experiment_id: 'exp_1' }]);
    expect(outcome(grade, 'tried')).toBe('doubt');
    const other = { experiments: [experiment({ hypothesis: 'Compress answers in a worker' })] };
    expect(gradeProposal(proposal, goals, other).tried).toEqual([]);
  });
});
