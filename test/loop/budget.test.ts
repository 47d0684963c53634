import { describe, expect, it } from 'vitest';
import type { Budget } from '../../src/core/model/guard.ts';
import type { Goals } from '../../src/core/model/goals.ts';
import { addBudgets, checkBudgets, readyToCheck } from '../../src/loop/budget.ts';
import {
  createFakeWorld,
  fakeProject,
  fakeRun,
  GOALS,
  WORKLOAD,
  type Program,
  hasHistory,
} from '../support/fake-ports.ts';
import { aBaseline } from '../support/records.ts';

function aBudget(change: Partial<Budget> = {}): Budget {
  return {
    id: 'list-posts-latency_p95_ms',
    workload: 'list-posts',
    metric: 'latency_p95_ms',
    max: 250,
    provenance: {
      from: 'goal',
      id: null,
      estimate: null,
      machine: null,
      text: 'the objective in goals.json',
    },
    created_at: '2026-01-01T00:00:00.000Z',
    ...change,
  };
}

const { max: _max, ...NO_LIMIT } = aBudget();

describe('addBudgets', () => {
  it('makes one of each objective of the workload', async () => {
    const world = createFakeWorld();
    const project = await fakeProject(world);
    await project.store.baselines.create(aBaseline(), []);
    const { budgets, file } = await addBudgets(world.ports, project, {});
    expect(file).toBe('.deep-optimize/budgets.json');
    expect(budgets).toMatchObject([
      { id: 'list-posts-latency_p95_ms', max: 250, provenance: { from: 'goal', id: 'base_1' } },
      { id: 'list-posts-throughput_rps', min: 300, provenance: { from: 'goal', estimate: null } },
    ]);
    expect((await project.files.readBudgets())?.budgets).toEqual(budgets);
  });

  it('needs no history for a limit that is a goal or set by hand', async () => {
    const world = createFakeWorld();
    const project = await fakeProject(world);
    const { budgets } = await addBudgets(world.ports, project, { metric: 'error_rate', max: 0.01 });
    expect(budgets).toMatchObject([{ metric: 'error_rate', max: 0.01, provenance: { from: 'manual' } }]);
    await addBudgets(world.ports, project, { metric: 'throughput_rps' });
    expect(hasHistory(project)).toBe(false);
  });

  it('replaces the budget of the same metric and keeps the others', async () => {
    const world = createFakeWorld();
    const project = await fakeProject(world);
    await addBudgets(world.ports, project, {});
    await addBudgets(world.ports, project, { metric: 'latency_p95_ms', max: 99 });
    const kept = (await project.files.readBudgets())?.budgets ?? [];
    expect(kept.map(({ id, max, min }) => [id, max ?? min])).toEqual([
      ['list-posts-throughput_rps', 300],
      ['list-posts-latency_p95_ms', 99],
    ]);
  });

  it('makes one of a baseline: the end of its interval and the minimum effect beyond it', async () => {
    const world = createFakeWorld();
    const project = await fakeProject(world);
    await project.store.baselines.create(aBaseline(), []);
    const { budgets } = await addBudgets(world.ports, project, {
      from: 'baseline',
      metric: 'latency_p95_ms',
    });
    // 43.75 * 1.05
    expect(budgets).toMatchObject([{ max: 45.94, provenance: { from: 'baseline', machine: 'machine_1' } }]);
  });

  it.each([[{ max: 3 }], [{ metric: 'latency_p95_ms', max: 3, min: 2 }]] as const)(
    'refuses the limit %j',
    async (request) => {
      const world = createFakeWorld();
      const project = await fakeProject(world);
      await expect(addBudgets(world.ports, project, request)).rejects.toMatchObject({
        code: 'invalid_arguments',
      });
      expect(await project.files.readBudgets()).toBeUndefined();
    },
  );

  it('refuses when there is neither goal nor measurement', async () => {
    const world = createFakeWorld();
    const project = await fakeProject(world);
    const request = { metric: 'rss_peak_bytes' } as const;
    await expect(addBudgets(world.ports, project, request)).rejects.toMatchObject({
      code: 'nothing_to_guard',
      next: [{ tool: 'measure_baseline', arguments: { workload: 'list-posts' } }],
    });
    await project.store.baselines.create(aBaseline(), []);
    await expect(addBudgets(world.ports, project, request)).rejects.toMatchObject({
      code: 'nothing_to_guard',
      message: 'Baseline base_1 has no rss_peak_bytes.',
    });
  });

  it('refuses a baseline that is not there', async () => {
    const world = createFakeWorld();
    const project = await fakeProject(world);
    await expect(addBudgets(world.ports, project, { baseline_id: 'base_none' })).rejects.toMatchObject({
      code: 'unknown_id',
      message: expect.stringContaining('base_none') as string,
    });
  });
});

async function check(program: Program, budgets: readonly Budget[], goals: Goals = GOALS) {
  const world = createFakeWorld();
  const project = await fakeProject(world, { program, goals });
  const run = fakeRun();
  const result = await checkBudgets(world.ports, project, { goals, budgets, effort: 'quick' }, run);
  expect(world.runningTargets()).toBe(0);
  expect(world.checkouts()).toEqual([]);
  expect(world.lockHolder()).toBeUndefined();
  return { world, run, result };
}

describe('checkBudgets', () => {
  it('passes as soon as every interval keeps its limit', async () => {
    const { world, result } = await check({ cost: 1 }, [aBudget()]);
    expect(result).toMatchObject({
      outcome: 'pass',
      outcomes: [{ outcome: 'pass', limit: 250, bound: 'max', n: 6 }],
      warnings: [],
    });
    // The first look is after three blocks; nothing more is measured.
    expect(world.starts).toHaveLength(6);
  });

  it('fails when the whole interval is beyond a limit, and tells which passed', async () => {
    const slow = { ...NO_LIMIT, id: 'throughput', metric: 'throughput_rps', min: 300 } as const;
    const { result } = await check({ cost: 3 }, [aBudget(), slow]);
    expect(result.outcome).toBe('fail');
    expect(result.outcomes.map(({ budget_id, outcome }) => [budget_id, outcome])).toEqual([
      ['list-posts-latency_p95_ms', 'pass'],
      ['throughput', 'fail'],
    ]);
  });

  it('measures to its last look before it says that it cannot tell', async () => {
    const { world, result } = await check({ cost: 1 }, [aBudget({ max: 10 })]);
    expect(result).toMatchObject({ outcome: 'inconclusive', outcomes: [{ outcome: 'inconclusive', n: 12 }] });
    expect(world.starts).toHaveLength(12);
  });

  it('calls a limit of another machine inconclusive, not broken', async () => {
    const budget = aBudget({
      max: 5,
      provenance: { from: 'baseline', id: 'base_1', estimate: null, machine: 'machine_2', text: '…' },
    });
    const { result } = await check({ cost: 1 }, [budget]);
    expect(result.outcomes).toMatchObject([
      { outcome: 'inconclusive', value: expect.closeTo(10, 0) as number },
    ]);
    expect(result.outcomes[0]?.reason).toContain('another machine');
  });

  it('makes the budgets of a program that fails invalid, and checks the others', async () => {
    const broken = { ...WORKLOAD, name: 'broken', setup: [['make']] };
    const goals = { ...GOALS, workloads: [broken, WORKLOAD] };
    const budgets = [aBudget({ id: 'b1', workload: 'broken' }), aBudget({ id: 'b2' })];
    const { world, run, result } = await check({ cost: 1, setup: 'fail' }, budgets, goals);
    expect(result.outcome).toBe('invalid');
    expect(result.outcomes).toMatchObject([
      { budget_id: 'b1', outcome: 'invalid', value: null, n: 0 },
      { budget_id: 'b2', outcome: 'pass' },
    ]);
    expect(result.outcomes[0]?.reason).toContain('Setup command ["make"] failed');
    expect(world.starts).toHaveLength(6);
    expect(run.reports.at(-1)?.message).toContain('list-posts: ');
    expect(run.reports.at(-1)?.fraction).toBeLessThanOrEqual(1);
  });

  it('puts a failure before everything else', async () => {
    const broken = { ...WORKLOAD, name: 'broken', setup: [['make']] };
    const goals = { ...GOALS, workloads: [broken, WORKLOAD] };
    const budgets = [aBudget({ id: 'b1', workload: 'broken' }), aBudget({ id: 'b2', max: 1 })];
    expect((await check({ cost: 1, setup: 'fail' }, budgets, goals)).result.outcome).toBe('fail');
  });

  it('has conditions that weaken it', async () => {
    const world = createFakeWorld();
    world.settings.foreignCpuShare = 0.5;
    const project = await fakeProject(world);
    const request = { goals: GOALS, budgets: [aBudget()], effort: 'quick' } as const;
    const { warnings } = await checkBudgets(world.ports, project, request, fakeRun());
    expect(warnings.map(({ code }) => code)).toEqual(['busy_machine']);
  });

  it('does not call an abort an invalid budget', async () => {
    const world = createFakeWorld();
    const project = await fakeProject(world);
    const run = fakeRun();
    run.abort();
    const request = { goals: GOALS, budgets: [aBudget()], effort: 'quick' } as const;
    await expect(checkBudgets(world.ports, project, request, run)).rejects.toThrow('aborted');
  });
});

describe('readyToCheck', () => {
  it('picks by workload or id, and says what there is when nothing fits', async () => {
    const world = createFakeWorld();
    const project = await fakeProject(world);
    await expect(readyToCheck(project, {})).rejects.toMatchObject({
      code: 'nothing_to_guard',
      next: [{ tool: 'add_budget' }],
    });
    await addBudgets(world.ports, project, {});
    expect((await readyToCheck(project, {})).budgets).toHaveLength(2);
    const one = await readyToCheck(project, { budget_id: 'list-posts-throughput_rps' });
    expect(one.budgets.map(({ metric }) => metric)).toEqual(['throughput_rps']);
    await expect(readyToCheck(project, { budget_id: 'nope' })).rejects.toMatchObject({
      code: 'nothing_to_guard',
      fix: expect.stringContaining('list-posts-latency_p95_ms (latency p95)') as string,
    });
  });

  it('refuses a budget whose workload is gone', async () => {
    const world = createFakeWorld();
    const project = await fakeProject(world);
    await project.files.writeBudgets({ version: 1, budgets: [aBudget({ workload: 'gone' })] });
    await expect(readyToCheck(project, {})).rejects.toMatchObject({ code: 'unknown_workload' });
  });
});
