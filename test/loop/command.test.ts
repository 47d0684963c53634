import { describe, expect, it } from 'vitest';
import { EFFORTS } from '../../src/core/efforts.ts';
import { TargetError } from '../../src/core/errors.ts';
import type { Argv, CommandWorkload, Goals } from '../../src/core/model/goals.ts';
import type { CommandRun } from '../../src/core/ports/command-runs.ts';
import { measureBaseline } from '../../src/loop/baseline.ts';
import { commandsOf } from '../../src/loop/consent.ts';
import { validateChange } from '../../src/loop/experiment/validate.ts';
import {
  createFakeWorld,
  fakeProject,
  fakeRun,
  writeProgram,
  type FakeWorld,
} from '../support/fake-ports.ts';

const WORKLOAD: CommandWorkload = { name: 'build', kind: 'command', command: ['make', 'site'] };
const MATRIX: CommandWorkload = {
  ...WORKLOAD,
  command: ['make', '{what}', '{size}'],
  parameters: { what: ['site', 'book'], size: [1, 2] },
};

const goalsOf = (workload: CommandWorkload): Goals => ({
  workloads: [workload],
  objectives: [],
  constraints: [],
});

async function measure(
  world: FakeWorld,
  workload: CommandWorkload,
  { program = { cost: 1 }, run = fakeRun() } = {},
) {
  const goals = goalsOf(workload);
  const project = await fakeProject(world, { goals, program });
  return await measureBaseline(world.ports, project, { workload, goals, effort: 'quick', seed: 5 }, run);
}

const slots = (world: FakeWorld) => world.commandRuns.map(({ slot }) => slot);

describe('a baseline of a command', () => {
  it('has CPU, wall, memory and context switches of fresh processes', async () => {
    const world = createFakeWorld();
    world.settings.noise = 0;
    const baseline = await measure(world, WORKLOAD);
    expect(baseline.load).toEqual({ kind: 'command', runs: 1, start_overhead_ms: 1.5 });
    expect(baseline.estimates.cpu_ms?.value).toBeCloseTo(100, 6);
    expect(baseline.estimates.wall_ms?.value).toBeCloseTo(120, 6);
    expect(baseline.estimates.context_switches?.value).toBe(15);
    // The largest process is larger than what a look at the tree saw.
    expect(baseline.estimates.rss_peak_bytes?.value).toBe(30 * 2 ** 20);
    expect(baseline.self_check).toMatchObject({ metric: 'cpu_ms', status: 'passed' });
    expect(baseline.warnings.map(({ code }) => code)).toEqual([]);
  });

  it('uses the time of the effort when a sample is short, and warms both checkouts first', async () => {
    const world = createFakeWorld();
    const baseline = await measure(world, WORKLOAD);
    // Looks end at 16 blocks; 16 times twice 120 ms fit well into the time of quick.
    expect(baseline.samples).toBe(32);
    const order = slots(world);
    // Warm-up and timing of a, then 32 samples, the first of slot b after its warm-up.
    expect(order).toHaveLength(2 + 1 + 32);
    expect(order.filter((slot) => slot === 'b')).toHaveLength(16 + 1);
  });

  it('keeps to the blocks of the effort when a sample is long, and does not time a second one', async () => {
    const world = createFakeWorld();
    const baseline = await measure(world, WORKLOAD, { program: { cost: 30 } });
    expect(baseline.samples).toBe(2 * EFFORTS.quick.baselineBlocks);
    expect(world.commandRuns).toHaveLength(1 + 1 + 2 * EFFORTS.quick.baselineBlocks);
  });

  it('runs every combination once in a sample, in an order from the seed, and sums up', async () => {
    const world = createFakeWorld();
    world.settings.noise = 0;
    world.settings.commandRun = (index) => ({ sampledRssBytes: (40 + (index % 4)) * 2 ** 20 });
    const baseline = await measure(world, MATRIX);
    expect(baseline.load).toEqual({ kind: 'command', runs: 4, start_overhead_ms: 6 });
    expect(baseline.estimates.cpu_ms?.value).toBeCloseTo(400, 6);
    expect(baseline.estimates.context_switches?.value).toBe(60);
    expect(baseline.estimates.rss_peak_bytes?.value).toBe(43 * 2 ** 20);
    const lines = world.commandRuns.map(({ spec }) => spec.command.join(' '));
    const samples = Array.from({ length: lines.length / 4 }, (_, index) =>
      lines.slice(4 * index, 4 * index + 4),
    );
    const all = ['make book 1', 'make book 2', 'make site 1', 'make site 2'];
    for (const sample of samples) expect([...sample].sort()).toEqual(all);
    expect(new Set(samples.map((sample) => sample.join())).size).toBeGreaterThan(3);
  });

  it('says what weakens it', async () => {
    const world = createFakeWorld();
    world.settings.foreignCpuShare = 0.3;
    world.settings.startOverhead = { wallMs: 50, cpuUs: 40_000, rssBytes: 4 * 2 ** 20 };
    world.settings.commandRun = () => ({ leftRunning: 2, usage: null, sampledRssBytes: null });
    const baseline = await measure(world, WORKLOAD);
    expect(baseline.warnings.map(({ code }) => code).sort()).toEqual([
      'busy_machine',
      'left_running',
      'no_child_usage',
      'start_overhead',
    ]);
    // What nobody measured is not there, and what was measured decides.
    expect(Object.keys(baseline.estimates)).toEqual(['wall_ms']);
    expect(baseline.self_check.metric).toBe('wall_ms');
  });

  it('tells of a quota, and of the samples in which it stopped the program', async () => {
    const world = createFakeWorld();
    world.settings.noise = 0;
    let looks = 0;
    world.settings.limits = { cpu_quota: 1.5 };
    world.settings.throttledPeriods = () => (looks++ < 20 ? looks : 20);
    const baseline = await measure(world, WORKLOAD);
    expect(baseline.warnings.map(({ code }) => code)).toEqual(['throttled', 'cpu_quota']);
    // Two looks to a run, and three runs before the first sample or between (warm-up, timing).
    expect(baseline.warnings[0]?.message).toMatch(/^In [78] processes/);
    expect(baseline.warnings[1]?.message).toContain('1.5 cores lies on the 2 cores');
    expect(baseline.machine.limits).toEqual({ cpu_quota: 1.5 });
  });

  it('takes a peak that every child shares with its launcher for none', async () => {
    const world = createFakeWorld();
    world.settings.startOverhead = { wallMs: 1, cpuUs: 900, rssBytes: 64 * 2 ** 20 };
    expect((await measure(world, WORKLOAD)).estimates.rss_peak_bytes?.value).toBe(20 * 2 ** 20);
    world.settings.commandRun = () => ({ sampledRssBytes: null });
    expect((await measure(world, WORKLOAD)).estimates.rss_peak_bytes).toBeUndefined();
  });
});

describe('a run that is not what the workload expects', () => {
  const failing: readonly (readonly [string, Partial<CommandRun>, string, RegExp])[] = [
    [
      'exit code',
      { exit: { code: 2, signal: null }, stderr: 'no rule' },
      'expectation_failed',
      /exit code 2, expected 0/,
    ],
    [
      'signal',
      { exit: { code: null, signal: 'SIGSEGV' }, stderr: 'no rule' },
      'expectation_failed',
      /signal SIGSEGV/,
    ],
    ['output', { stdoutIncludes: false, stdout: 'no rule' }, 'expectation_failed', /did not print "done"/],
    [
      'file',
      { missingFiles: ['/somewhere/out/index.html'], stderr: 'no rule' },
      'expectation_failed',
      /left no out\/index.html/,
    ],
    [
      'limit',
      { timedOut: true, exit: { code: null, signal: null }, stderr: 'no rule' },
      'command_timeout',
      /limit of 60 s/,
    ],
    [
      'start',
      { exit: { code: null, signal: null, startError: 'spawn make ENOENT' }, stderr: 'no rule' },
      'start_failed',
      /spawn make ENOENT/,
    ],
  ];

  it.each(failing)('%s', async (_what, end, code, message) => {
    const world = createFakeWorld();
    world.settings.commandRun = () => end;
    const expect_ = { stdout_includes: 'done', files: ['out/index.html'] };
    const error: unknown = await measure(world, {
      ...WORKLOAD,
      expect: expect_,
      cleanup: [['rm', '-r', 'out']],
    }).catch((reason: unknown) => reason);
    if (!(error instanceof TargetError)) throw new Error(`no TargetError: ${String(error)}`);
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
    expect(error.output).toBe('no rule');
    // Cleaned up all the same.
    expect(world.commands).toEqual([{ command: ['rm', '-r', 'out'], slot: 'a' }]);
    expect(world.checkouts()).toEqual([]);
    expect(world.lockHolder()).toBeUndefined();
  });

  it('may be the expected one', async () => {
    const world = createFakeWorld();
    world.settings.commandRun = () => ({ exit: { code: 1, signal: null } });
    expect((await measure(world, { ...WORKLOAD, expect: { exit_code: 1 } })).samples).toBe(32);
  });

  it('costs its block when it comes once, and the baseline says so', async () => {
    const world = createFakeWorld();
    world.settings.commandRun = (index) => (index === 10 ? { timedOut: true } : {});
    const baseline = await measure(world, WORKLOAD);
    expect(baseline.samples).toBe(32);
    expect(baseline.warnings.map(({ code }) => code)).toContain('dropped_blocks');
  });
});

describe('prepare and cleanup', () => {
  const prepared: CommandWorkload = {
    ...MATRIX,
    env: { MODE: 'x' },
    cwd: 'web',
    stdin: 'input.txt',
    prepare: [['mkdir', 'out-{size}']],
    cleanup: [['rm', '-r', 'out-{size}']],
  };

  it('stand around each run, with its parameters', async () => {
    const world = createFakeWorld();
    await measure(world, prepared);
    expect(world.commands).toHaveLength(2 * world.commandRuns.length);
    const [first] = world.commandRuns;
    const size = first?.spec.command.at(-1) ?? '';
    expect(world.commands.slice(0, 2).map(({ command }) => command)).toEqual([
      ['mkdir', `out-${size}`],
      ['rm', '-r', `out-${size}`],
    ]);
    expect(first?.spec).toMatchObject({
      env: { PATH: '/usr/bin', MODE: 'x', DEEP_OPTIMIZE_RUN: 'run_fake' },
      cwd: expect.stringMatching(/a\/web$/) as string,
      stdinFile: expect.stringMatching(/a\/input.txt$/) as string,
      timeoutMs: 60_000,
    });
  });

  it('a prepare that fails is told, and nothing is measured', async () => {
    const world = createFakeWorld();
    const workload: CommandWorkload = { ...WORKLOAD, prepare: [['mkdir', 'out']] };
    await expect(
      measure(world, workload, { program: { cost: 1, setup: 'fail' } as { cost: number } }),
    ).rejects.toMatchObject({
      code: 'command_failed',
      message: expect.stringContaining('prepare') as string,
    });
    expect(world.commandRuns).toEqual([]);
  });

  it('an abort is cleaned up after', async () => {
    const world = createFakeWorld();
    const run = fakeRun();
    world.settings.commandRun = (index) => {
      if (index === 4) {
        run.abort();
        throw new Error('aborted');
      }
      return {};
    };
    await expect(measure(world, { ...WORKLOAD, cleanup: [['rm', 'x']] }, { run })).rejects.toThrow('aborted');
    expect(world.commands).toHaveLength(5);
  });

  it('are confirmed with the command, as they will run', () => {
    const commands: readonly Argv[] = commandsOf(goalsOf({ ...prepared, setup: [['npm', 'ci']] }));
    expect(commands).toHaveLength(1 + 4 + 2 + 2);
    expect(commands).toContainEqual(['make', 'book', '2']);
    expect(commands).toContainEqual(['mkdir', 'out-1']);
    expect(commands).toContainEqual(['rm', '-r', 'out-2']);
  });
});

it('a change of a command is judged by its CPU time', async () => {
  const world = createFakeWorld();
  const goals = goalsOf(WORKLOAD);
  const project = await fakeProject(world, { goals });
  const request = { workload: WORKLOAD, goals, effort: 'quick', seed: 5 } as const;
  const baseline = await measureBaseline(world.ports, project, request, fakeRun());
  writeProgram(project.directory, { cost: 0.8 });
  const experiment = await validateChange(
    world.ports,
    project,
    { ...request, baseline, hypothesis: null, strategyId: null, bottleneck: null, primary: null },
    fakeRun('run_b'),
  );
  expect(experiment.verdict).toBe('improved');
  expect(experiment.comparisons.find(({ metric }) => metric === 'cpu_ms')).toMatchObject({ role: 'primary' });
  expect(experiment.blocks).toBe(8);
});

describe('a command that says it is deterministic', () => {
  const counted: CommandWorkload = { ...WORKLOAD, deterministic: true };
  const slowerBy = (ratio: number) => async (world: FakeWorld) => {
    const goals = goalsOf(counted);
    const project = await fakeProject(world, { goals });
    const request = { workload: counted, goals, effort: 'quick', seed: 5 } as const;
    const baseline = await measureBaseline(world.ports, project, request, fakeRun());
    writeProgram(project.directory, { cost: 1 + ratio });
    return await validateChange(
      world.ports,
      project,
      { ...request, baseline, hypothesis: null, strategyId: null, bottleneck: null, primary: null },
      fakeRun('run_b'),
    );
  };

  it('is judged by instructions, which noise cannot touch, and that says what they do not see', async () => {
    const world = createFakeWorld();
    world.settings.noise = 0.5;
    const experiment = await slowerBy(0.012)(world);
    expect(experiment).toMatchObject({ verdict: 'regressed', blocks: 8 });
    const [primary] = experiment.comparisons.filter(({ role }) => role === 'primary');
    expect(primary).toMatchObject({ metric: 'instructions', baseline: 1e8, candidate: 1.012e8 });
    expect(experiment.warnings.map(({ code }) => code)).toContain('instructions_blind');
  });

  it('counts in a run of its own after each timed one, and not while it warms up', async () => {
    const world = createFakeWorld();
    const baseline = await measure(world, counted);
    expect(baseline.estimates.instructions).toMatchObject({ value: 1e8 });
    const isCounted = world.commandRuns.map(({ spec }) => spec.command[0] === 'valgrind');
    // Warm-ups of both checkouts are not counted, the calibration and every sample are.
    expect(isCounted.slice(0, 4)).toEqual([false, false, true, false]);
    expect(isCounted.slice(4)).toEqual(
      isCounted.slice(4).map((_one, index) => index % 2 === 1 || isCounted[4 + index]),
    );
    expect(isCounted.filter(Boolean)).toHaveLength(baseline.samples + 1);
  });

  it.each<[string, CommandWorkload, boolean]>([
    ['valgrind is missing', counted, false],
    ['it is JavaScript', { ...counted, command: ['/usr/bin/node', 'build.js'] }, true],
  ])('goes by CPU time, and says so, where %s', async (_why, workload, valgrind) => {
    const world = createFakeWorld();
    world.settings.valgrind = valgrind;
    const baseline = await measure(world, workload);
    expect(baseline.estimates.instructions).toBeUndefined();
    expect(baseline.self_check.metric).toBe('cpu_ms');
    expect(baseline.warnings.map(({ code }) => code)).toContain('no_instructions');
  });

  it('that fails under valgrind only says how to go on without', async () => {
    const world = createFakeWorld();
    world.settings.commandRun = (index) =>
      world.commandRuns[index]?.spec.command[0] === 'valgrind' ? { exit: { code: 139, signal: null } } : {};
    await expect(measure(world, counted)).rejects.toMatchObject({
      code: 'command_failed',
      message: expect.stringMatching(/^Under valgrind: .*exit code 139/) as string,
      fix: expect.stringContaining('deterministic') as string,
    });
  });
});
