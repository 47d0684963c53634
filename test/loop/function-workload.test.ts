import { describe, expect, it } from 'vitest';
import type { Goals } from '../../src/core/model/goals.ts';
import type { FunctionWorkload } from '../../src/core/model/workloads/function.ts';
import { measureBaseline } from '../../src/loop/baseline.ts';
import { commandsOf } from '../../src/loop/consent.ts';
import { settleFunctionLoad } from '../../src/loop/kinds/function/load.ts';
import { profileFunction } from '../../src/loop/kinds/function/profile.ts';
import { sampleFunction } from '../../src/loop/kinds/function/sample.ts';
import { measurerOf } from '../../src/loop/kinds/index.ts';
import { EFFORTS } from '../../src/core/efforts.ts';
import { createFakeWorld, fakeProject, fakeRun } from '../support/fake-ports.ts';

const WORKLOAD: FunctionWorkload = {
  name: 'parse',
  kind: 'function',
  module: 'src/parse.ts',
  export: 'parse',
  args: { module: 'bench/args.ts', export: 'inputs' },
  sizes: [100, 10_000, 1000],
  env: { MODE: 'fast' },
  node_args: ['--max-semi-space-size=32'],
};
const GOALS: Goals = {
  workloads: [WORKLOAD],
  objectives: [{ workload: 'parse', metric: 'wall_low_ms', max: 1.5 }],
  constraints: [],
};
const REQUEST = { workload: WORKLOAD, goals: GOALS, effort: 'quick' as const, seed: 7 };

describe('a baseline of a function', () => {
  it('takes the largest size, settled once for all processes', async () => {
    const world = createFakeWorld();
    const project = await fakeProject(world, { goals: GOALS });
    const baseline = await measureBaseline(world.ports, project, REQUEST, fakeRun());
    expect(baseline.load).toEqual({ kind: 'function', calls_per_timing: 4, size: 10_000 });
    expect(world.benches).toHaveLength(6);
    for (const plan of world.benches) {
      expect(plan).toMatchObject({
        workload: 'parse',
        module: 'src/parse.ts',
        export: 'parse',
        size: 10_000,
        callsPerTiming: 4,
        cpus: [0],
        nodeArgs: ['--max-semi-space-size=32'],
        env: { PATH: '/usr/bin', MODE: 'fast' },
        timeoutMs: 60_000,
        warmupMs: EFFORTS.quick.callWarmupMs,
        timedMs: EFFORTS.quick.callMs,
      });
    }
    expect(new Set(world.benches.map(({ directory }) => directory.slice(-1)))).toEqual(new Set(['a', 'b']));
  });

  it('gives every metric of its kind, and judges the objective', async () => {
    const world = createFakeWorld();
    const project = await fakeProject(world, { goals: GOALS });
    const { estimates, objectives, samples } = await measureBaseline(
      world.ports,
      project,
      REQUEST,
      fakeRun(),
    );
    expect(samples).toBe(6);
    expect(estimates.wall_low_ms?.value).toBeCloseTo(1, 1);
    expect(estimates.wall_ms?.value).toBeCloseTo(1.1, 1);
    expect(estimates.cpu_ms?.value).toBeCloseTo(1, 1);
    expect(estimates.gc_share?.value).toBeCloseTo(0.1, 6);
    expect(estimates.allocated_bytes_per_op?.value).toBe(1000);
    expect(estimates.rss_peak_bytes?.n).toBe(6);
    expect(estimates.startup_ms?.n).toBe(6);
    expect(objectives[0]?.status).toBe('met');
  });

  it('tells what weakens it', async () => {
    const world = createFakeWorld();
    world.settings.foreignCpuShare = 0.3;
    const project = await fakeProject(world, { goals: GOALS, program: { cost: 1, changesInputs: true } });
    const { warnings } = await measureBaseline(world.ports, project, REQUEST, fakeRun());
    expect(warnings.map(({ code }) => code)).toEqual(['few_blocks', 'busy_machine', 'inputs_changed']);
    expect(warnings[1]?.message).toContain('30 %');
  });

  it('is the failure of the function when it fails', async () => {
    const world = createFakeWorld();
    const project = await fakeProject(world, { goals: GOALS, program: { cost: 1, dies: true } });
    await expect(measureBaseline(world.ports, project, REQUEST, fakeRun())).rejects.toMatchObject({
      kind: 'target',
      code: 'function_failed',
    });
    expect(world.checkouts()).toEqual([]);
    expect(world.lockHolder()).toBeUndefined();
  });
});

const where = {
  runId: 'run_fake',
  directory: '/checkouts/run_fake/a',
  projectDirectory: '/project',
  plan: EFFORTS.quick,
  signal: new AbortController().signal,
};

describe('another size, as in a sweep', () => {
  it('can be settled and sampled', async () => {
    const world = createFakeWorld();
    const project = await fakeProject(world, { goals: GOALS });
    await project.checkouts.materialize({
      snapshot: await project.snapshots.take(),
      runId: 'run_fake',
      slot: 'a',
      include: [],
      signal: where.signal,
    });
    const { load } = await settleFunctionLoad(world.ports, { ...where, workload: WORKLOAD, size: 100 });
    expect(load).toEqual({ kind: 'function', calls_per_timing: 4, size: 100 });
    await sampleFunction(world.ports, {
      ...where,
      workload: WORKLOAD,
      load: { kind: 'function', calls_per_timing: 50, size: 100 },
      seed: 1,
    });
    expect(world.benches).toEqual([expect.objectContaining({ size: 100, callsPerTiming: 50 })]);
  });
});

describe('a profile', () => {
  it('is taken of calls without an end, after a warm-up', async () => {
    const world = createFakeWorld();
    const profiling = profileFunction(world.ports, {
      ...where,
      workload: WORKLOAD,
      load: { kind: 'function', calls_per_timing: 4, size: 100 },
      seed: 1,
      probe: 'attribution',
    });
    await world.clock.advance(EFFORTS.quick.callWarmupMs * 2);
    await world.clock.advance(EFFORTS.quick.profileMs);
    const threads = await profiling;
    expect(threads).toHaveLength(1);
    expect(threads[0]?.content).toContain('/checkouts/run_fake/a');
    expect(world.runningTargets()).toBe(0);
  });
});

describe('consent', () => {
  it('is asked for every module that is loaded', () => {
    expect(commandsOf(GOALS)).toEqual([
      ['node', '--max-semi-space-size=32', 'src/parse.ts'],
      ['node', '--max-semi-space-size=32', 'bench/args.ts'],
    ]);
  });
});

describe('files that decide what is measured', () => {
  it.each([
    [{ module: 'src/inputs.ts' }, ['src/inputs.ts']],
    [{ file: 'data/calls.json' }, ['data/calls.json']],
    [{ json: [1] }, []],
    // The function's own file: a change of it is a change of the program.
    [{ module: WORKLOAD.module }, []],
  ])('are those that make the arguments: %j', (args, files) => {
    const { sizes: _sizes, ...workload } = WORKLOAD;
    expect(measurerOf({ ...workload, args }).inputFiles).toEqual(files);
  });
});
