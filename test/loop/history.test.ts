import { describe, expect, it } from 'vitest';
import type { Baseline, Estimate } from '../../src/core/model/measurement.ts';
import type { Project } from '../../src/core/ports/project.ts';
import { readLoopState } from '../../src/loop/history.ts';
import { summarizeLoop } from '../../src/render/history.ts';
import { createFakeWorld, fakeProject, GOALS, WORKLOAD, hasHistory } from '../support/fake-ports.ts';
import { aBaseline, aBottleneck, anEvidence, anExperiment, aRun } from '../support/records.ts';

const TWO = { ...GOALS, workloads: [WORKLOAD, { ...WORKLOAD, name: 'search' }] };

const setUp = (goals = GOALS): Promise<Project> => fakeProject(createFakeWorld(), { goals });

async function measured(goals = GOALS): Promise<Project> {
  const project = await setUp(goals);
  for (const { name } of goals.workloads) {
    await project.store.baselines.create(aBaseline({ id: `base_${name}`, workload: name }), []);
  }
  return project;
}

const next = async (project: Project, workload?: string) => (await readLoopState(project, workload)).next;

describe('the next step', () => {
  it('defines goals where there are none, and leaves no history behind', async () => {
    const project = await setUp({ ...GOALS, workloads: [], objectives: [] });
    expect(await next(project)).toMatchObject({ tool: 'define_goals' });
    expect(hasHistory(project)).toBe(false);
  });

  it('measures each workload once', async () => {
    const project = await setUp(TWO);
    expect(await next(project)).toMatchObject({
      tool: 'measure_baseline',
      arguments: { workload: 'list-posts' },
    });
    await project.store.baselines.create(aBaseline({ workload: 'list-posts' }), []);
    expect(await next(project)).toMatchObject({
      tool: 'measure_baseline',
      arguments: { workload: 'search' },
    });
  });

  it('then looks for bottlenecks, then for remedies', async () => {
    const project = await measured();
    expect(await next(project)).toMatchObject({
      tool: 'find_bottlenecks',
      arguments: { workload: 'list-posts' },
    });
    await project.store.bottlenecks.create([aBottleneck()], [anEvidence()]);
    expect(await next(project)).toMatchObject({
      tool: 'propose_strategies',
      arguments: { bottleneck_id: 'bn_1' },
    });
  });

  it.each([
    ['improved', 'keep'],
    ['regressed', 'revert'],
    ['equivalent', 'revert'],
    ['invalid', 'revert'],
    ['inconclusive', 'defer'],
  ] as const)('asks for the decision on an experiment that is %s', async (verdict, decision) => {
    const project = await measured();
    await project.store.experiments.create(anExperiment({ verdict }), []);
    expect(await next(project)).toMatchObject({
      tool: 'record_decision',
      arguments: { experiment_id: 'exp_1', decision },
    });
  });

  it('guards what was kept, then measures where the objectives stand', async () => {
    const project = await measured();
    await project.store.bottlenecks.create([aBottleneck()], [anEvidence()]);
    await project.store.experiments.create(anExperiment(), []);
    await project.store.experiments.decide('exp_1', { kind: 'keep', id: '0001' });
    expect(await next(project)).toMatchObject({ tool: 'add_budget', arguments: { workload: 'list-posts' } });
    await project.files.writeBudgets({
      version: 1,
      budgets: [
        {
          id: 'b1',
          workload: 'list-posts',
          metric: 'error_rate',
          max: 0.01,
          provenance: { from: 'manual', id: null, estimate: null, machine: null, text: 'set by hand' },
          created_at: '2026-01-01T00:00:00.000Z',
        },
      ],
    });
    expect(await next(project)).toMatchObject({
      tool: 'measure_baseline',
      arguments: { workload: 'list-posts' },
    });
  });

  it('waits for what still runs before anything else', async () => {
    const project = await setUp();
    await project.store.runs.create(aRun());
    expect(await next(project)).toMatchObject({ tool: 'get_run', arguments: { run_id: 'run_1' } });
  });

  it('speaks of the workload that was asked for', async () => {
    const project = await measured(TWO);
    expect(await next(project, 'search')).toMatchObject({
      tool: 'find_bottlenecks',
      arguments: { workload: 'search' },
    });
    expect(await next(project, 'list-posts')).toMatchObject({ arguments: { workload: 'list-posts' } });
  });

  it('remembers a baseline that many later ones pushed out of the list', async () => {
    const project = await setUp(TWO);
    await project.store.baselines.create(aBaseline({ id: 'base_old', workload: 'search' }), []);
    for (let n = 0; n < 12; n++) await project.store.baselines.create(aBaseline({ id: `base_${n}` }), []);
    expect(await next(project)).toMatchObject({ tool: 'find_bottlenecks' });
  });
});

describe('the state of the loop', () => {
  it('holds the first and the latest baseline of each workload', async () => {
    const project = await measured();
    await project.store.baselines.create(aBaseline({ id: 'base_later' }), []);
    const { way, baselines, tally } = await readLoopState(project, undefined);
    expect(way).toMatchObject([
      { workload: 'list-posts', first: { id: 'base_list-posts' }, latest: { id: 'base_later' } },
    ]);
    expect(baselines.map(({ id }) => id)).toEqual(['base_later', 'base_list-posts']);
    expect(tally).toEqual([]);
  });

  it('knows budgets and decisions of a project whose history is elsewhere', async () => {
    const project = await setUp();
    const decision = {
      title: 'Compile once',
      kind: 'keep',
      experiment_id: 'exp_1',
      rationale: 'It pays.',
      created_at: '2026-01-01T00:00:00.000Z',
    } as const;
    await project.files.writeDecision(decision, (id) => `# ${id}. Compile once\n`);
    const state = await readLoopState(project, undefined);
    expect(state.decisions).toEqual([{ id: '0001', title: 'Compile once' }]);
    expect(state).toMatchObject({ baselines: [], runs: [], tally: [], ledger: [] });
    expect(hasHistory(project)).toBe(false);
  });

  it('tells the whole ledger and the way, however many experiments there were', async () => {
    const project = await measured();
    const slower = aBaseline({ id: 'base_later' });
    await project.store.baselines.create(
      {
        ...slower,
        estimates: { latency_p95_ms: { ...estimateOf(slower), value: 20 } },
      },
      [],
    );
    for (let n = 0; n < 14; n++) {
      const candidate_snapshot = { ...anExperiment().candidate_snapshot, id: `snap_${n % 12}` };
      await project.store.experiments.create(anExperiment({ id: `exp_${n}`, candidate_snapshot }), []);
      if (n < 3) await project.store.experiments.decide(`exp_${n}`, { kind: 'keep', id: `000${n}` });
      else if (n < 5) await project.store.experiments.decide(`exp_${n}`, { kind: 'revert', id: `000${n}` });
    }
    const state = await readLoopState(project, undefined);
    expect(state.ledger).toEqual([
      { baseline_id: 'base_1', workload: 'list-posts', attempts: 14, candidates: 12 },
    ]);
    expect(summarizeLoop(state)).toBe(
      '1 workload(s), 2 baseline(s), 14 experiment(s): 3 kept, 2 reverted, 9 undecided, 0 budget(s). list-posts: latency p95 41.5 ms → 20 ms.',
    );
  });
});

it('goes on from the latest baseline to what was kept since, and says that no baseline shows it yet', async () => {
  const project = await measured();
  await project.store.experiments.create(anExperiment({ created_at: '2026-12-01T00:00:00.000Z' }), []);
  const before = await readLoopState(project, undefined);
  expect(before.way[0]?.kept).toBeNull();
  await project.store.experiments.decide('exp_1', { kind: 'keep', id: '0001' });
  const state = await readLoopState(project, undefined);
  expect(state.way[0]?.kept).toEqual({ experiment_id: 'exp_1', value: 34 });
  expect(summarizeLoop(state)).toContain(
    'list-posts: latency p95 41.5 ms → 34 ms (experiment exp_1, kept; no baseline since).',
  );
});

function estimateOf(baseline: Baseline): Estimate {
  const { latency_p95_ms: estimate } = baseline.estimates;
  if (!estimate) throw new Error('the record has no p95');
  return estimate;
}
