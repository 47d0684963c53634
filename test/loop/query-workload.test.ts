import { describe, expect, it } from 'vitest';
import type { Goals } from '../../src/core/model/goals.ts';
import type { QueryWorkload } from '../../src/core/model/workloads/query.ts';
import { measureBaseline, readyToMeasure } from '../../src/loop/baseline.ts';
import { readyToValidate } from '../../src/loop/experiment/ready.ts';
import { validateOnAll } from '../../src/loop/experiment/validate.ts';
import { createFakeWorld, fakeProject, fakeRun, writeProgram } from '../support/fake-ports.ts';

const WORKLOAD: QueryWorkload = {
  name: 'orders',
  kind: 'query',
  database: { engine: 'postgres', url_env: 'DATABASE_URL' },
  file: 'orders.sql',
  params: [[1], [2], [3]],
  analyze: true,
};
const CONSENT = ['query', '$DATABASE_URL', 'orders.sql'];

const goalsOf = (workload: QueryWorkload): Goals => ({
  workloads: [workload],
  objectives: [],
  constraints: [],
});

async function prepare(workload: QueryWorkload = WORKLOAD) {
  const world = createFakeWorld();
  const goals = goalsOf(workload);
  const project = await fakeProject(world, { goals });
  await world.ports.approvals.approve(project.directory, [CONSENT]);
  const measure = () =>
    measureBaseline(world.ports, project, { workload, goals, effort: 'quick', seed: 5 }, fakeRun());
  return { world, project, goals, measure };
}

describe('the baseline of a query', () => {
  it('fills the window of the effort with whole rounds through the parameter sets, the same in every process', async () => {
    const { world, measure } = await prepare();
    world.settings.noise = 0;
    const baseline = await measure();
    // 500 ms of 1 ms each, to the next round of three.
    expect(baseline.load).toEqual({ kind: 'query', executions: 501 });
    expect(world.queries.map(({ executions }) => executions)).toEqual([200, ...Array<number>(6).fill(501)]);
    expect(world.queries.map(({ analyze }) => analyze)).toEqual([false, ...Array<boolean>(6).fill(true)]);
    // Both processes of a block see the same order.
    const seeds = world.queries.slice(1).map(({ seed }) => seed);
    expect(seeds[0]).toBe(seeds[1]);
    expect(seeds[2]).not.toBe(seeds[1]);

    const values = Object.fromEntries(
      Object.entries(baseline.estimates).map(([name, { value }]) => [name, value]),
    );
    expect(values['wall_ms']).toBeCloseTo(1, 9);
    expect(values['wall_low_ms']).toBeCloseTo(0.9, 9);
    // Of the server only.
    expect(values['cpu_ms']).toBeCloseTo(0.8, 9);
    expect(values).toMatchObject({ result_rows: 8, planning_ms: 0.1, buffers_read: 300 });
    expect(values['execution_ms']).toBeCloseTo(0.8, 9);
    expect(baseline.self_check.metric).toBe('wall_ms');
    expect(baseline.foreign_cpu_share.max).toBeCloseTo(0, 9);
  });

  it('is judged by the low quantile on SQLite, with the CPU of its process', async () => {
    const { world, measure } = await prepare({
      name: 'orders',
      kind: 'query',
      database: { engine: 'sqlite', file: 'shop.db' },
      sql: 'select 1',
    });
    world.settings.noise = 0;
    const baseline = await measure();
    expect(baseline.self_check.metric).toBe('wall_low_ms');
    expect(baseline.estimates.cpu_ms?.value).toBeCloseTo(0.1, 9);
    expect(baseline.estimates.planning_ms).toBeUndefined();
  });

  it('counts the server as ours where it is known, and does not call the machine busy for its work', async () => {
    const { world, measure } = await prepare();
    expect((await measure()).warnings.map(({ code }) => code)).not.toContain('busy_machine');
    world.settings.serverSeen = false;
    const blind = await measure();
    expect(blind.warnings.map(({ code }) => code)).toContain('busy_machine');
    expect(blind.estimates.cpu_ms).toBeUndefined();
  });

  it('says that both sides share a database that setup may change', async () => {
    const { measure } = await prepare({ ...WORKLOAD, setup: [['npm', 'run', 'migrate']] });
    expect((await measure()).warnings.map(({ code }) => code)).toContain('shared_database');
  });
});

describe('a changed statement', () => {
  it('is compared side by side', async () => {
    const { world, project, measure } = await prepare();
    await measure();
    writeProgram(project.directory, { cost: 0.25 });
    const ready = await readyToValidate(world.ports, project, {});
    const request = {
      effort: 'standard',
      hypothesis: null,
      strategyId: null,
      primary: null,
    } as const;
    const [experiment] = await validateOnAll(world.ports, project, ready, request, fakeRun());
    if (!experiment) throw new Error('nothing was validated');
    expect(experiment.verdict).toBe('improved');
    const buffers = experiment.comparisons.find(({ metric }) => metric === 'buffers_read');
    expect(buffers).toMatchObject({ baseline: 300, candidate: 75 });
  });

  it('is cut short when it takes for ever, and says so', async () => {
    const { world, project, measure } = await prepare();
    await measure();
    writeProgram(project.directory, { cost: 100 });
    const ready = await readyToValidate(world.ports, project, {});
    const request = {
      effort: 'quick',
      hypothesis: null,
      strategyId: null,
      primary: null,
    } as const;
    const [experiment] = await validateOnAll(world.ports, project, ready, request, fakeRun());
    if (!experiment) throw new Error('nothing was validated');
    expect(experiment.warnings.map(({ code }) => code)).toContain('cut_short');
    expect(experiment.comparisons.find(({ metric }) => metric === 'wall_ms')?.candidate).toBeGreaterThan(50);
  });
});

describe('consent', () => {
  it('is asked for a statement that only stands in a committed file', async () => {
    const world = createFakeWorld();
    const goals = goalsOf({ ...WORKLOAD, writes: true });
    const project = await fakeProject(world, { goals });
    await expect(readyToMeasure(world.ports, project, undefined)).rejects.toMatchObject({
      code: 'commands_not_approved',
      message: expect.stringContaining('["query and roll back","$DATABASE_URL","orders.sql"]') as string,
    });
  });
});
