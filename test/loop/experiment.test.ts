import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { TargetError } from '../../src/core/errors.ts';
import type { HttpWorkload } from '../../src/core/model/goals.ts';
import type { Experiment } from '../../src/core/model/experiment.ts';
import { readyToValidate } from '../../src/loop/experiment/ready.ts';
import { createFakeWorld, fakeProject, GOALS, hasHistory, WORKLOAD } from '../support/fake-ports.ts';
import { withBaseline } from '../support/validation.ts';

const codes = ({ warnings }: Experiment) => warnings.map(({ code }) => code);
const roleOf = ({ comparisons }: Experiment, metric: string) => comparisons.find((c) => c.metric === metric);

describe('the verdict', () => {
  it('is improved, measured side by side: the baseline in a, the change in b', async () => {
    const { world, project, validate } = await withBaseline();
    const experiment = await validate({ cost: 0.8 });
    expect(experiment).toMatchObject({
      verdict: 'improved',
      reason: 'latency p95 improved',
      tests: { status: 'passed', exit_code: 0 },
      attempt: 1,
      alpha: 0.04,
      changed_files: [{ path: 'service.json' }],
      dropped_blocks: 0,
      hypothesis: 'less work',
      decision: null,
    });
    expect(roleOf(experiment, 'latency_p95_ms')?.change).toBeCloseTo(-0.2, 1);
    expect(roleOf(experiment, 'throughput_rps')).toMatchObject({ role: 'guardrail', verdict: 'improved' });
    const sides = world.starts.map(({ slot, program }) => `${slot}${program.cost}`);
    expect(new Set(sides)).toEqual(new Set(['a1', 'b0.8']));
    expect(experiment.objectives.map(({ side }) => side)).toEqual([
      'baseline',
      'baseline',
      'candidate',
      'candidate',
    ]);

    expect(await project.store.experiments.get(experiment.id)).toEqual(experiment);
    expect(await project.store.experiments.samples(experiment.id)).toHaveLength(experiment.blocks * 2);
    const diff = await project.store.artifacts.read(experiment.diff_artifact_id ?? '');
    expect(new TextDecoder().decode(diff)).toContain('+++ b/service.json');
    expect(world.runningTargets()).toBe(0);
    expect(world.checkouts()).toEqual([]);
    expect(world.lockHolder()).toBeUndefined();
  });

  it('is regressed for a slower change, with the seed that repeats the order', async () => {
    const { world, validate } = await withBaseline();
    const experiment = await validate({ cost: 1.2 });
    expect(experiment.verdict).toBe('regressed');
    const order = world.starts.map(({ slot }) => slot).join('');
    const again = await withBaseline();
    const repeated = await again.validate({ cost: 1.2 });
    expect(again.world.starts.map(({ slot }) => slot).join('')).toBe(order);
    expect(repeated.seed).toBe(11);
  });

  it('is equivalent when only words changed', async () => {
    const { validate } = await withBaseline();
    const experiment = await validate({ cost: 1, comment: 'renamed' });
    expect(experiment).toMatchObject({
      verdict: 'equivalent',
      reason: 'latency p95 did not change by as much as the minimum effect',
    });
  });

  it('is inconclusive, with its price, when noise hides the change to the end', async () => {
    const { world, validate } = await withBaseline();
    world.settings.noise = 0.4;
    const experiment = await validate({ cost: 0.95 });
    expect(experiment).toMatchObject({
      verdict: 'inconclusive',
      reason: 'latency p95 is undecided after 16 blocks',
      blocks: 16,
      looks: [8, 12, 16],
    });
    expect(roleOf(experiment, 'latency_p95_ms')?.blocks_to_resolve).toBeGreaterThan(16);
  });

  it('names a guardrail that got worse beside the gain', async () => {
    const { validate } = await withBaseline();
    const experiment = await validate({ cost: 0.8, rssBytes: 200 * 2 ** 20 });
    expect(experiment.verdict).toBe('improved');
    expect(experiment.reason).toBe('latency p95 improved; guardrail regressed: peak RSS');
  });

  it('follows the metric that the call names', async () => {
    const { validate } = await withBaseline();
    const experiment = await validate({ cost: 0.8 }, { primary: 'rss_peak_bytes' });
    expect(experiment.verdict).toBe('equivalent');
    expect(roleOf(experiment, 'rss_peak_bytes')?.role).toBe('primary');
    expect(roleOf(experiment, 'latency_p95_ms')?.role).toBe('guardrail');
  });
});

describe('when it stops', () => {
  it('is the first look at which the guardrails have intervals too', async () => {
    const { validate } = await withBaseline();
    // Three guardrails share their error: their row of the table has no rejection at 8 blocks.
    const experiment = await validate({ cost: 0.5 });
    expect(experiment.blocks).toBe(12);
    expect(experiment.looks).toEqual([8, 12]);
    expect(experiment.comparisons.filter(({ role }) => role === 'guardrail')).toHaveLength(3);
    expect(
      experiment.comparisons.every(({ role, interval }) => role === 'reported' || interval !== null),
    ).toBe(true);
  });

  it('asks for the same load as the baseline had, whatever the change can do', async () => {
    const { load: _load, ...calibrated } = WORKLOAD;
    const { world, validate } = await withBaseline({ workload: calibrated });
    const experiment = await validate({ cost: 0.5 });
    expect(experiment.load).toEqual({
      kind: 'http',
      connections: 16,
      rate_per_s: 300,
      rate_from: 'calibrated',
    });
    expect(new Set(world.loads.map(({ ratePerS }) => ratePerS))).toEqual(new Set([null, 300]));
    expect(world.starts).toHaveLength(experiment.blocks * 2);
  });

  it('makes up for a block that was dropped, and says so', async () => {
    const { world, validate } = await withBaseline();
    const firstOfExperiment = 6;
    world.settings.failStart = (index) =>
      index === firstOfExperiment + 5 ? new TargetError('never_ready', 'Not up.', { fix: '…' }) : undefined;
    const experiment = await validate({ cost: 0.5 });
    expect(experiment).toMatchObject({ blocks: 12, dropped_blocks: 1 });
    expect(codes(experiment)).toContain('dropped_blocks');
  });
});

describe('tests', () => {
  it('that fail on the change alone make it invalid, and nothing is timed', async () => {
    const { world, project, validate } = await withBaseline();
    const experiment = await validate({ cost: 0.1, tests: 'fail' });
    expect(experiment).toMatchObject({
      verdict: 'invalid',
      reason: 'behaviour changed: the tests fail on the candidate and pass on the baseline',
      tests: { status: 'failed', exit_code: 1, output_tail: 'test broke' },
      comparisons: [],
      objectives: [],
      blocks: 0,
    });
    expect(world.starts).toEqual([]);
    expect(world.commands.map(({ slot }) => slot)).toEqual(['b', 'a']);
    expect(await project.store.experiments.get(experiment.id)).toEqual(experiment);
  });

  it('that failed before too say nothing: it is measured, with a warning', async () => {
    const { validate } = await withBaseline({ program: { cost: 1, tests: 'fail' } });
    const experiment = await validate({ cost: 0.8, tests: 'fail' });
    expect(experiment.verdict).toBe('improved');
    expect(experiment.tests.status).toBe('failed_before_too');
    expect(codes(experiment)).toContain('failed_before');
  });

  it('that never ended before are no proof that the change broke them', async () => {
    const { validate } = await withBaseline({ program: { cost: 1, tests: 'hang' } });
    const experiment = await validate({ cost: 0.8, tests: 'fail' });
    expect(experiment.tests.status).toBe('failed_before_too');
    expect(experiment.verdict).toBe('improved');
  });

  it('that run past their limit make it invalid', async () => {
    const { validate } = await withBaseline();
    const experiment = await validate({ cost: 0.8, tests: 'hang' });
    expect(experiment).toMatchObject({
      verdict: 'invalid',
      reason: 'the tests ran past their time limit',
      tests: { status: 'timed_out' },
    });
  });

  it('that nobody configured are missed', async () => {
    const { correctness: _none, ...goals } = GOALS;
    const { world, validate } = await withBaseline({ goals });
    const experiment = await validate({ cost: 0.8 });
    expect(experiment.tests).toEqual({ status: 'not_configured' });
    expect(codes(experiment)).toEqual(['no_tests']);
    expect(world.commands).toEqual([]);
  });
});

describe('what keeps a comparison honest', () => {
  it('refuses a working tree that is the baseline', async () => {
    const { project, validate } = await withBaseline();
    await expect(validate({ cost: 1 })).rejects.toMatchObject({
      code: 'invalid_arguments',
      message: expect.stringContaining('there is no change to validate') as string,
    });
    expect(await project.store.experiments.count({})).toBe(0);
  });

  it('counts attempts on the same two code states, and halves the error for each', async () => {
    const { validate } = await withBaseline();
    await validate({ cost: 0.99 });
    const second = await validate({ cost: 0.99 });
    expect(second).toMatchObject({ attempt: 2, alpha: 0.02 });
    expect(codes(second)).toContain('alpha_spent');
    const other = await validate({ cost: 0.98 });
    expect(other).toMatchObject({ attempt: 1, alpha: 0.04 });
    expect(codes(other)).toEqual([]);
  });

  it('counts an attempt that its tests made invalid', async () => {
    const { validate } = await withBaseline();
    await validate({ cost: 0.9, tests: 'fail' });
    expect((await validate({ cost: 0.9, tests: 'fail' })).attempt).toBe(2);
  });

  it('names changed files that decide what is measured or whether it is right', async () => {
    const { project, validate } = await withBaseline();
    writeFileSync(join(project.directory, 'service.test.js'), 'skip()');
    const experiment = await validate({ cost: 0.8 });
    expect(experiment.warnings).toMatchObject([
      { code: 'judging_files_changed', message: expect.stringContaining('service.test.js') as string },
    ]);
    expect(experiment.review_flags).toMatchObject([{ kind: 'tests', file: 'service.test.js', line: null }]);
  });

  it('says when the baseline was measured elsewhere', async () => {
    const { world, validate } = await withBaseline();
    world.settings.machineId = 'machine_2';
    const experiment = await validate({ cost: 0.8 });
    expect(codes(experiment)).toEqual(['other_machine']);
    expect(experiment.machine.id).toBe('machine_2');
  });
});

describe('readyToValidate', () => {
  it('finds the latest baseline of the only workload', async () => {
    const { world, project } = await withBaseline();
    const [latest] = await project.store.baselines.list({ limit: 1 });
    const found = { workload: { name: 'list-posts' }, baseline: { id: latest?.id } };
    expect((await readyToValidate(world.ports, project, {})).targets).toMatchObject([found]);
    const named = await readyToValidate(world.ports, project, { against: latest?.id });
    expect(named.targets).toMatchObject([found]);
  });

  it('refuses without a baseline, with the call that gives one, and leaves no history behind', async () => {
    const world = createFakeWorld();
    const project = await fakeProject(world);
    await expect(readyToValidate(world.ports, project, {})).rejects.toMatchObject({
      code: 'no_baseline',
      next: [
        { tool: 'validate_change', arguments: { workload: 'list-posts', against: 'HEAD' } },
        { tool: 'measure_baseline', arguments: { workload: 'list-posts' } },
      ],
    });
    await expect(readyToValidate(world.ports, project, { against: 'base_x' })).rejects.toMatchObject({
      code: 'unknown_id',
    });
    expect(hasHistory(project)).toBe(false);
  });

  it('refuses a workload that was changed since, but not words about it', async () => {
    const { world, project } = await withBaseline();
    const rewrite = (change: Partial<HttpWorkload>) =>
      project.files.writeGoals({ ...GOALS, workloads: [{ ...WORKLOAD, ...change }] });
    await rewrite({ description: 'the front page' });
    await expect(readyToValidate(world.ports, project, {})).resolves.toBeDefined();
    await rewrite({ requests: [{ path: '/posts?page=2' }] });
    await expect(readyToValidate(world.ports, project, {})).rejects.toMatchObject({
      code: 'workload_changed',
    });
  });

  it('refuses a baseline that differs from its own copy', async () => {
    const { world, project } = await withBaseline();
    const [latest] = await project.store.baselines.list({ limit: 1 });
    const trusted = await project.store.baselines.get(latest?.id ?? '');
    expect(trusted).toBeDefined();
    if (!trusted) return;
    const self_check = {
      ...trusted.self_check,
      status: 'failed',
      text: 'The setup favours one side.',
    } as const;
    await project.store.baselines.create({ ...trusted, id: 'base_biased', self_check }, []);
    await expect(readyToValidate(world.ports, project, {})).rejects.toMatchObject({
      code: 'untrusted_baseline',
      message: expect.stringContaining('The setup favours one side.') as string,
    });
  });

  it('refuses commands that nobody has confirmed', async () => {
    const { world, project } = await withBaseline();
    await project.files.writeGoals({ ...GOALS, correctness: { test: ['make', 'evil'] } });
    await expect(readyToValidate(world.ports, project, {})).rejects.toMatchObject({
      code: 'commands_not_approved',
      next: [{ arguments: { approve_commands: [['make', 'evil']] } }],
    });
  });
});
