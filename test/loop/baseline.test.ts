import { describe, expect, it } from 'vitest';
import type { Goals } from '../../src/core/model/goals.ts';
import type { Project } from '../../src/core/ports/project.ts';
import { TargetError } from '../../src/core/errors.ts';
import { measureBaseline, readyToMeasure } from '../../src/loop/baseline.ts';
import {
  createFakeWorld,
  fakeProject,
  fakeRun,
  GOALS,
  WORKLOAD,
  writeProgram,
  type FakeWorld,
} from '../support/fake-ports.ts';

const { load: _load, ...WITHOUT_LOAD } = WORKLOAD;
const REQUEST = { workload: WORKLOAD, goals: GOALS, effort: 'quick', seed: 5 } as const;

/** Nothing of a run is left: no program, no checkout, no lock. */
function expectNothingLeft(world: FakeWorld): void {
  expect(world.runningTargets()).toBe(0);
  expect(world.checkouts()).toEqual([]);
  expect(world.lockHolder()).toBeUndefined();
}

async function expectNothingStored(project: Project): Promise<void> {
  expect(await project.store.baselines.list({ limit: 10 })).toEqual([]);
}

describe('measureBaseline', () => {
  it('records what fresh processes of one snapshot gave', async () => {
    const world = createFakeWorld();
    world.settings.noise = 0;
    const project = await fakeProject(world);
    const run = fakeRun();
    const baseline = await measureBaseline(world.ports, project, REQUEST, run);

    expect(world.starts.map(({ slot }) => slot).sort()).toEqual(['a', 'a', 'a', 'b', 'b', 'b']);
    expect(baseline).toMatchObject({
      run_id: 'run_fake',
      workload: 'list-posts',
      effort: 'quick',
      seed: 5,
      samples: 6,
      load: { kind: 'http', connections: 16, rate_per_s: 120, rate_from: 'workload' },
      machine: { id: 'machine_1' },
    });
    // 2 ms of CPU a request on one core; the percentiles as the program says.
    expect(baseline.estimates.throughput_rps?.value).toBeCloseTo(500, 6);
    expect(baseline.estimates.cpu_us_per_request?.value).toBeCloseTo(2000, 6);
    expect(baseline.estimates.latency_p95_ms).toMatchObject({ value: 10, n: 6, interval: [10, 10] });
    expect(baseline.estimates.error_rate?.value).toBe(0);
    expect(baseline.estimates.rss_peak_bytes?.value).toBe(100 * 2 ** 20);
    expect(baseline.estimates.gc_share?.value).toBeCloseTo(0.03, 9);
    expect(baseline.estimates.event_loop_delay_p99_ms?.value).toBe(2);
    // 120 requests: none lies beyond p99.9.
    expect(baseline.estimates.latency_p999_ms).toBeUndefined();
    expect(baseline.objectives.map(({ metric, status }) => [metric, status])).toEqual([
      ['latency_p95_ms', 'met'],
      ['throughput_rps', 'met'],
    ]);
    // 120 a second for 0.8 s, in six processes.
    expect(baseline.pooled_latency).toMatchObject({ requests: 576, p95_ms: 10, max_ms: 30 });
    // Three blocks of twice 1.6 s of load.
    expect(baseline.block_seconds).toBeCloseTo(3.2, 6);

    expect(await project.store.baselines.get(baseline.id)).toEqual(baseline);
    expect(await project.store.baselines.samples(baseline.id)).toHaveLength(6);
    expectNothingLeft(world);
  });

  it('sends both processes of a block the same requests, and those of the next block others', async () => {
    const world = createFakeWorld();
    const project = await fakeProject(world);
    await measureBaseline(world.ports, project, REQUEST, fakeRun());
    const seeds = world.loads.map(({ seed }) => seed);
    expect(seeds).toHaveLength(12);
    const ofBlocks = [0, 4, 8].map((at) => new Set(seeds.slice(at, at + 4)));
    expect(ofBlocks.map(({ size }) => size)).toEqual([1, 1, 1]);
    expect(new Set(seeds).size).toBe(3);
  });

  it('measures the snapshot, not what the working tree becomes meanwhile', async () => {
    const world = createFakeWorld();
    const project = await fakeProject(world);
    const run = fakeRun();
    await measureBaseline(
      world.ports,
      project,
      { ...REQUEST, afterBlock: () => (writeProgram(project.directory, { cost: 9 }), 'continue') },
      run,
    );
    expect(world.starts.map(({ program }) => program.cost)).toEqual([1, 1, 1, 1, 1, 1]);
  });

  it('finds a rate when nobody gave one, and keeps it', async () => {
    const world = createFakeWorld();
    const project = await fakeProject(world);
    const baseline = await measureBaseline(
      world.ports,
      project,
      { ...REQUEST, workload: WITHOUT_LOAD },
      fakeRun(),
    );
    // 60 % of 500 a second, to two digits.
    expect(baseline.load).toEqual({
      kind: 'http',
      connections: 16,
      rate_per_s: 300,
      rate_from: 'calibrated',
    });
    expect(world.starts).toHaveLength(7);
    expect(new Set(world.loads.map(({ ratePerS }) => ratePerS))).toEqual(new Set([null, 300]));
  });

  it.each([
    { what: 'a program that does next to nothing', cost: 0.011, generatorCpuShare: 0.4, warned: true },
    { what: 'one that works', cost: 1, generatorCpuShare: 0.4, warned: false },
    { what: 'one that hardly keeps the generator busy', cost: 0.011, generatorCpuShare: 0.1, warned: false },
  ])('says that the harness is the limit of $what: $warned', async ({ cost, generatorCpuShare, warned }) => {
    const world = createFakeWorld();
    world.settings.generatorCpuShare = generatorCpuShare;
    const project = await fakeProject(world);
    writeProgram(project.directory, { cost });
    const { warnings } = await measureBaseline(world.ports, project, REQUEST, fakeRun());
    expect(warnings.some(({ code }) => code === 'at_ceiling')).toBe(warned);
  });

  it.each([
    { stallMs: 1000, warned: true },
    { stallMs: null, warned: false },
  ])('says that the closed loop hides a stall of $stallMs ms: $warned', async ({ stallMs, warned }) => {
    const world = createFakeWorld();
    world.settings.stallMs = stallMs;
    const project = await fakeProject(world);
    const { warnings } = await measureBaseline(world.ports, project, REQUEST, fakeRun());
    expect(warnings.some(({ code }) => code === 'stalls')).toBe(warned);
  });

  it('gives a fast program no rate at which the generator itself would be late', async () => {
    const world = createFakeWorld();
    world.settings.noise = 0;
    const project = await fakeProject(world);
    writeProgram(project.directory, { cost: 0.01 });
    const request = { ...REQUEST, workload: WITHOUT_LOAD };
    const baseline = await measureBaseline(world.ports, project, request, fakeRun());
    // 60 % of 50,000 would be 30,000.
    expect(baseline.load).toMatchObject({ rate_per_s: 2000, rate_from: 'calibrated' });
  });

  it('reports progress that only grows, with the time left', async () => {
    const world = createFakeWorld();
    const project = await fakeProject(world);
    const run = fakeRun();
    await measureBaseline(world.ports, project, REQUEST, run);
    const fractions = run.reports.map(({ fraction }) => fraction);
    expect(fractions).toEqual([...fractions].sort((x, y) => x - y));
    expect(fractions.every((fraction) => fraction > 0 && fraction <= 1)).toBe(true);
    expect(run.reports.at(-2)).toMatchObject({ message: 'process 5 of 6 measured' });
    expect(run.reports.at(-2)?.etaS).toBeCloseTo(1.6, 6);
  });

  it('checks itself once there are enough blocks, and says so before', async () => {
    const world = createFakeWorld();
    const project = await fakeProject(world);
    const quick = await measureBaseline(world.ports, project, REQUEST, fakeRun());
    expect(quick.self_check.status).toBe('too_few_blocks');
    expect(quick.warnings.map(({ code }) => code)).toEqual(['few_blocks', 'few_in_tail']);
    expect(quick.estimates.latency_p95_ms?.resolvable_effect).toBeNull();

    const standard = await measureBaseline(
      world.ports,
      project,
      { ...REQUEST, effort: 'standard' },
      fakeRun(),
    );
    expect(standard.self_check).toMatchObject({ status: 'passed', metric: 'latency_p95_ms', blocks: 8 });
    expect(standard.self_check.interval?.[0]).toBeLessThan(0);
    expect(standard.estimates.latency_p95_ms?.resolvable_effect).toBeGreaterThan(0.01);
    expect(standard.warnings).toEqual([]);
  });

  it('says what weakens it', async () => {
    const world = createFakeWorld();
    world.settings.foreignCpuShare = 0.3;
    world.settings.pinned = false;
    const goals: Goals = {
      ...GOALS,
      objectives: [{ workload: 'list-posts', metric: 'latency_p99_ms', max: 50 }],
    };
    const workload = { ...WORKLOAD, load: { rate_per_s: 700 } };
    const project = await fakeProject(world, { program: { cost: 1, failedShare: 0.1 } });
    const { warnings, estimates } = await measureBaseline(
      world.ports,
      project,
      { ...REQUEST, goals, workload },
      fakeRun(),
    );
    expect(warnings.map(({ code }) => code)).toEqual([
      'few_blocks',
      'rate_above_capacity',
      'few_in_tail',
      'busy_machine',
      'some_failed',
      'not_pinned',
    ]);
    expect(warnings[3]?.message).toContain('30 %');
    expect(estimates.error_rate?.value).toBeCloseTo(0.1, 3);
  });

  it('drops the block of a process that fails, and tells why', async () => {
    const world = createFakeWorld();
    world.settings.failStart = (index) =>
      index === 3 ? new TargetError('never_ready', 'It did not come up.', { fix: '…' }) : undefined;
    const project = await fakeProject(world);
    const baseline = await measureBaseline(world.ports, project, REQUEST, fakeRun());
    expect(baseline.samples).toBe(6);
    expect(baseline.warnings).toContainEqual(
      expect.objectContaining({
        code: 'dropped_blocks',
        message: '1 blocks were dropped because a process failed: It did not come up.',
      }),
    );
  });
});

describe('a program that cannot be measured', () => {
  it('dies under load: told with its last words', async () => {
    const world = createFakeWorld();
    const project = await fakeProject(world, { program: { cost: 1, dies: true } });
    const measured = measureBaseline(world.ports, project, REQUEST, fakeRun());
    await expect(measured).rejects.toMatchObject({
      code: 'target_died',
      message: 'The program ended while it was measured (exit code 7).',
      output: 'out of cheese',
    });
    expectNothingLeft(world);
    await expectNothingStored(project);
  });

  it('answers wrongly most of the time: that is no measurement of the workload', async () => {
    const world = createFakeWorld();
    const project = await fakeProject(world, { program: { cost: 1, failedShare: 0.6 } });
    await expect(measureBaseline(world.ports, project, REQUEST, fakeRun())).rejects.toMatchObject({
      code: 'expectation_failed',
      message: expect.stringContaining('page: status 500, expected 200') as string,
      output: 'boom',
    });
    expectNothingLeft(world);
  });

  it('cannot be set up', async () => {
    const world = createFakeWorld();
    const project = await fakeProject(world, { program: { cost: 1, setup: 'fail' } });
    const workload = { ...WORKLOAD, setup: [['npm', 'run', 'build']] };
    await expect(
      measureBaseline(world.ports, project, { ...REQUEST, workload }, fakeRun()),
    ).rejects.toMatchObject({
      code: 'setup_failed',
      message: 'Setup command ["npm","run","build"] failed: exit code 1.',
      output: 'setup broke',
    });
    expect(world.starts).toEqual([]);
    expectNothingLeft(world);
  });

  it('is not even started while another measurement has the machine', async () => {
    const world = createFakeWorld();
    const project = await fakeProject(world);
    const holder = { pid: 1, run_id: 'run_other', project_dir: '/', since: '' };
    const release = await world.ports.machine.lock(holder);
    await expect(measureBaseline(world.ports, project, REQUEST, fakeRun())).rejects.toMatchObject({
      code: 'busy',
    });
    expect(world.lockHolder()).toBe(holder);
    expect(world.starts).toEqual([]);
    await release();
  });

  it('is stopped when the run is aborted', async () => {
    const world = createFakeWorld();
    const project = await fakeProject(world);
    const run = fakeRun();
    const request = { ...REQUEST, afterBlock: () => (run.abort(), 'continue' as const) };
    await expect(measureBaseline(world.ports, project, request, run)).rejects.toThrow('aborted');
    expect(world.starts.length).toBeLessThan(4);
    expectNothingLeft(world);
    await expectNothingStored(project);
  });
});

describe('readyToMeasure', () => {
  it('refuses what nobody has confirmed before anything runs', async () => {
    const world = createFakeWorld();
    const project = await fakeProject(world, {
      goals: { ...GOALS, workloads: [{ ...WORKLOAD, setup: [['make']] }] },
    });
    await expect(readyToMeasure(world.ports, project, undefined)).rejects.toMatchObject({
      code: 'commands_not_approved',
    });
    await world.ports.approvals.approve(project.directory, [['make']]);
    expect((await readyToMeasure(world.ports, project, 'list-posts')).workload.name).toBe('list-posts');
  });
});
