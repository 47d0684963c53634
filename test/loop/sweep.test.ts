import { describe, expect, it } from 'vitest';
import { TargetError } from '../../src/core/errors.ts';
import type { Workload } from '../../src/core/model/goals.ts';
import { planSweep } from '../../src/core/scaling/sweep-plan.ts';
import { measureSweep, type SweepRunRequest } from '../../src/loop/sweep.ts';
import { renderSweepPlot } from '../../src/render/sweep-plot.ts';
import {
  createFakeWorld,
  fakeProject,
  fakeRun,
  GOALS,
  WORKLOAD,
  writeProgram,
  type FakeWorld,
} from '../support/fake-ports.ts';

const FUNCTION: Workload = {
  name: 'parse',
  kind: 'function',
  module: 'parse.js',
  args: { module: 'inputs.js' },
  sizes: [10, 100, 1000, 10_000],
};
const REQUEST = { goals: GOALS, effort: 'standard', seed: 5, draw: renderSweepPlot } as const;

function sweepOver(over: 'connections' | 'rate_per_s', values: readonly number[]): SweepRunRequest {
  return { ...REQUEST, workload: WORKLOAD, plan: planSweep(WORKLOAD, { over, values }) };
}

async function worldOf(program: Parameters<typeof writeProgram>[1]) {
  const world = createFakeWorld();
  const project = await fakeProject(world);
  writeProgram(project.directory, program);
  return { world, project };
}

function expectNothingLeft(world: FakeWorld): void {
  expect(world.runningTargets()).toBe(0);
  expect(world.checkouts()).toEqual([]);
  expect(world.lockHolder()).toBeUndefined();
}

describe('a sweep over connections', () => {
  it('measures every point in fresh processes, in an order of its own each round, and fits the law', async () => {
    const { world, project } = await worldOf({ cost: 1, serialShare: 0.3 });
    const levels = [1, 2, 4, 8, 16, 32];
    const { sweep, processes, pictures } = await measureSweep(
      world.ports,
      project,
      sweepOver('connections', levels),
      fakeRun(),
    );
    expect(processes).toBe(18);
    expect(sweep.points.map(({ value, estimates }) => [value, estimates.throughput_rps?.n])).toEqual(
      levels.map((level) => [level, 3]),
    );
    expect(sweep.fit).toMatchObject({ kind: 'universal-scalability-law' });
    if (sweep.fit.kind === 'universal-scalability-law') {
      expect(sweep.fit.contention.value).toBeGreaterThan(0.25);
      expect(sweep.fit.contention.value).toBeLessThan(0.35);
    }
    expect(pictures.map(({ kind, mime_type }) => [kind, mime_type])).toEqual([
      ['plot-svg', 'image/svg+xml'],
      ['plot-png', 'image/png'],
      ['sweep', 'application/json'],
    ]);
    const kept = pictures[2];
    if (kept === undefined) throw new Error('nothing kept');
    const numbers = JSON.parse(Buffer.from(await project.store.artifacts.read(kept.id)).toString()) as object;
    expect(numbers).toMatchObject({ over: 'connections', metric: 'throughput_rps' });
    expectNothingLeft(world);
  });

  it('keeps what was measured when a point fails, and says which', async () => {
    const { world, project } = await worldOf({ cost: 1, serialShare: 0.3 });
    world.settings.failStart = (index) =>
      index === 2 ? new TargetError('start_failed', 'It exited with code 7.', { fix: '…' }) : undefined;
    const { sweep } = await measureSweep(
      world.ports,
      project,
      sweepOver('connections', [1, 2, 4, 8, 16]),
      fakeRun(),
    );
    const failed = sweep.points.filter((point) => point.failed !== undefined);
    expect(failed).toMatchObject([{ failed: 'It exited with code 7.', estimates: {} }]);
    // Not tried again in the rounds that follow.
    expect(world.starts).toHaveLength(1 + 4 * 3);
    expect(sweep.fit.kind).toBe('universal-scalability-law');
  });

  it('is an error when no point gives a sample', async () => {
    const { world, project } = await worldOf({ cost: 1 });
    world.settings.failStart = () => new TargetError('start_failed', 'It exited with code 7.', { fix: '…' });
    await expect(
      measureSweep(world.ports, project, sweepOver('connections', [1, 2, 4, 8]), fakeRun()),
    ).rejects.toMatchObject({ code: 'no_samples', message: expect.stringContaining('code 7') as string });
    expectNothingLeft(world);
  });
});

describe('a sweep over a rate', () => {
  it('gives a point for each and claims no law', async () => {
    const { world, project } = await worldOf({ cost: 1, queues: true });
    const { sweep } = await measureSweep(
      world.ports,
      project,
      sweepOver('rate_per_s', [100, 400]),
      fakeRun(),
    );
    expect(sweep).toMatchObject({
      metric: 'latency_p95_ms',
      fit: { kind: 'none', reason: 'no_law' },
      knee: null,
    });
    const [slow, fast] = sweep.points.map(({ estimates }) => estimates.latency_p95_ms?.value ?? NaN);
    // 500 a second at most: 10 ms / (1 - 0.2) and 10 ms / (1 - 0.8).
    expect((fast ?? NaN) / (slow ?? NaN)).toBeGreaterThan(3);
  });

  it('finds the highest rate whose objectives hold', async () => {
    const { world, project } = await worldOf({ cost: 1, queues: true });
    const objectives = [{ workload: 'list-posts', metric: 'latency_p95_ms', max: 40 } as const];
    const { sweep } = await measureSweep(
      world.ports,
      project,
      { ...REQUEST, workload: WORKLOAD, goals: { ...GOALS, objectives }, plan: 'saturation' },
      fakeRun(),
    );
    // 10 ms / (1 - rate / 500) reaches 40 ms at 375 a second.
    expect(sweep.knee?.status).toBe('found');
    expect(sweep.knee?.holds).toBeGreaterThan(330);
    expect(sweep.knee?.holds).toBeLessThan(400);
    expect(sweep.points.length).toBeGreaterThan(3);
    expectNothingLeft(world);
  });

  it('needs an objective that a rate could break', async () => {
    const { world, project } = await worldOf({ cost: 1 });
    const objectives = [{ workload: 'list-posts', metric: 'rss_peak_bytes', max: 1e9 } as const];
    await expect(
      measureSweep(
        world.ports,
        project,
        { ...REQUEST, workload: WORKLOAD, goals: { ...GOALS, objectives }, plan: 'saturation' },
        fakeRun(),
      ),
    ).rejects.toMatchObject({
      code: 'invalid_arguments',
      message: expect.stringContaining('no objective') as string,
    });
    expectNothingLeft(world);
  });
});

describe('a sweep over sizes', () => {
  it('settles each size of a function by itself', async () => {
    const { world, project } = await worldOf({ cost: 1 });
    const { sweep } = await measureSweep(
      world.ports,
      project,
      { ...REQUEST, workload: FUNCTION, plan: planSweep(FUNCTION, { over: 'size' }) },
      fakeRun(),
    );
    expect(sweep).toMatchObject({
      over: 'size',
      metric: 'wall_low_ms',
      fit: { kind: 'complexity', class: '1' },
    });
    expect(new Set(world.benches.map(({ size }) => size))).toEqual(new Set([10, 100, 1000, 10_000]));
  });
});
