import { describe, expect, it } from 'vitest';
import { EnvironmentError, InternalError, TargetError } from '../../src/core/errors.ts';
import { readLoopState } from '../../src/loop/history.ts';
import { stepsAfterMachine } from '../../src/loop/next-steps.ts';
import { createRuns } from '../../src/loop/runs.ts';
import { validateChange } from '../../src/loop/experiment/validate.ts';
import { describeVerdict } from '../../src/render/experiment.ts';
import { GOALS, WORKLOAD, writeProgram } from '../support/fake-ports.ts';
import { withBaseline } from '../support/validation.ts';

const dead = new TargetError('start_failed', 'The program exited with 1.', {
  fix: 'Start it by hand.',
  output: 'SyntaxError: Unexpected token',
});

describe('a side that cannot be run', () => {
  it('is a candidate that does not build: an experiment without tests or times, with what setup printed', async () => {
    const { world, project, validate } = await withBaseline({
      workload: { ...WORKLOAD, setup: [['npm', 'run', 'build']] },
    });
    const experiment = await validate({ cost: 0.5, setup: 'fail' });
    expect(experiment).toMatchObject({
      verdict: 'invalid',
      reason: expect.stringContaining('the candidate could not be run: Setup command') as string,
      failure: { side: 'candidate', code: 'setup_failed', output_tail: 'setup broke' },
      tests: { status: 'not_run' },
      blocks: 0,
      comparisons: [],
    });
    expect(world.starts).toEqual([]);
    expect(await project.store.experiments.get(experiment.id)).toEqual(experiment);
    expect(experiment.warnings.map(({ code }) => code)).not.toContain('no_tests');
    expect(describeVerdict(experiment)).toMatch(/^Invalid: the candidate could not be run/);
    expect(world.checkouts()).toEqual([]);
    expect(world.lockHolder()).toBeUndefined();
  });

  it.each(['candidate', 'baseline'] as const)('is a %s that does not start', async (side) => {
    const { world, validate } = await withBaseline();
    const slot = side === 'baseline' ? 'a' : 'b';
    world.settings.failStartOf = (started) => (started === slot ? dead : undefined);
    const experiment = await validate({ cost: 0.5 });
    expect(experiment).toMatchObject({
      verdict: 'invalid',
      reason: `the ${side} could not be run: The program exited with 1`,
      failure: {
        side,
        code: 'start_failed',
        fix: 'Start it by hand.',
        output_tail: 'SyntaxError: Unexpected token',
      },
      tests: { status: 'passed' },
    });
    expect(world.runningTargets()).toBe(0);
  });

  it('is one that dies again and again: what was measured before is kept', async () => {
    const { world, project, validate } = await withBaseline();
    const begin = 6 + world.starts.length;
    let failures = 0;
    world.settings.failStartOf = (slot, index) =>
      slot === 'b' && index >= begin + 9 && ++failures > 0 ? dead : undefined;
    const experiment = await validate({ cost: 0.5 });
    expect(experiment).toMatchObject({ verdict: 'invalid', failure: { side: 'candidate' }, looks: [] });
    expect(failures).toBe(2);
    expect(experiment.blocks).toBeGreaterThanOrEqual(4);
    expect(await project.store.experiments.samples(experiment.id)).toHaveLength(2 * experiment.blocks);
  });

  it('names a git-ignored path that it misses, with where to name it', async () => {
    const { world, validate } = await withBaseline();
    const missing = new TargetError('start_failed', 'The program exited with 1.', {
      fix: 'Start it by hand.',
      output: "Error: Cannot find module '/checkouts/run/b/src/generated/client.js'",
    });
    world.settings.failStartOf = (slot) => (slot === 'b' ? missing : undefined);
    const { failure } = await validate({ cost: 0.5 });
    expect(failure).toMatchObject({
      side: 'candidate',
      fix: expect.stringMatching(
        /^"src\/generated" is git-ignored.*"include".*Else: Start it by hand\.$/,
      ) as string,
    });
    world.settings.failStartOf = (slot) => (slot === 'b' ? dead : undefined);
    expect((await validate({ cost: 0.5 })).failure?.fix).toBe('Start it by hand.');
  });

  it('is told from our own defect: that is no result', async () => {
    const { world, project, validate } = await withBaseline();
    const defect = new InternalError('internal', 'Cannot read properties of undefined.', {
      fix: 'Report it.',
    });
    world.settings.failStartOf = () => defect;
    await expect(validate({ cost: 0.5 })).rejects.toBe(defect);
    expect(await project.store.experiments.list({ limit: 9 })).toEqual([]);
    expect(world.checkouts()).toEqual([]);
    expect(world.lockHolder()).toBeUndefined();
  });

  it('counts as an attempt', async () => {
    const { world, validate } = await withBaseline();
    world.settings.failStartOf = () => dead;
    await validate({ cost: 0.5 });
    world.settings.failStartOf = () => undefined;
    expect((await validate({ cost: 0.5 })).attempt).toBe(2);
  });
});

describe('a machine that cannot go on', () => {
  const full = new EnvironmentError('not_writable', 'Cannot write /x: the disk is full.', {
    fix: 'Free disk space.',
  });

  it('ends an experiment that is kept, with what was measured until then and the call that goes on', async () => {
    const { world, project, validate } = await withBaseline();
    const begin = 6 + world.starts.length;
    world.settings.failStartOf = (_, index) => (index >= begin + 9 ? full : undefined);
    const experiment = await validate({ cost: 0.5 });
    expect(experiment).toMatchObject({
      verdict: 'invalid',
      reason: 'the comparison could not be carried out: Cannot write /x: the disk is full',
      failure: { side: 'machine', code: 'not_writable', fix: 'Free disk space.' },
      tests: { status: 'passed' },
      hypothesis: 'less work',
      changed_files: [{ path: 'service.json', added: 1, removed: 1 }],
      blocks: 4,
    });
    expect(await project.store.experiments.get(experiment.id)).toEqual(experiment);
    expect(await project.store.experiments.samples(experiment.id)).toHaveLength(8);
    expect(describeVerdict(experiment)).toMatch(/^Invalid: the comparison could not be carried out: Cannot/);
    expect(stepsAfterMachine(experiment)).toEqual([
      { tool: 'validate_change', arguments: { workload: 'list-posts' }, why: 'Free disk space.' },
    ]);
    expect(world.checkouts()).toEqual([]);
    expect(world.lockHolder()).toBeUndefined();
  });

  it.each(['npm error code ENOSPC', "OSError: [Errno 28] No space left on device: 'out/index.html'"])(
    'is not taken for a program that fails: %s',
    async (output) => {
      const { world, validate } = await withBaseline();
      const failed = new TargetError('setup_failed', 'Setup command ["make"] failed: exit code 1.', {
        fix: 'Make it succeed.',
        output,
      });
      world.settings.failStartOf = (slot) => (slot === 'b' ? failed : undefined);
      expect(await validate({ cost: 0.5 })).toMatchObject({
        failure: { side: 'machine', code: 'not_writable', output_tail: output },
        reason: expect.stringContaining('could not be carried out: The disk is full') as string,
      });
    },
  );

  it('loses no block of a gain when it fails in the fresh run', async () => {
    const { world, validate } = await withBaseline();
    await validate({ cost: 1, comment: 'another candidate' });
    const begin = 6 + world.starts.length;
    const blocks = 11;
    world.settings.failStartOf = (_, index) => (index >= begin + 2 * blocks + 3 ? full : undefined);
    const experiment = await validate({ cost: 0.5 });
    expect(experiment).toMatchObject({ verdict: 'invalid', failure: { side: 'machine' } });
    expect(experiment.blocks).toBeGreaterThanOrEqual(8);
  });

  it('spends no error before anything was timed', async () => {
    const { world, validate } = await withBaseline();
    world.settings.failStartOf = () => full;
    expect(await validate({ cost: 0.5 })).toMatchObject({ failure: { side: 'machine' }, blocks: 0 });
    world.settings.failStartOf = () => undefined;
    expect(await validate({ cost: 0.5 })).toMatchObject({
      verdict: 'improved',
      attempt: 1,
      attempt_of_baseline: 1,
      confirmation: null,
    });
  });

  it('is what get_history begins with, until it was tried again', async () => {
    const { world, project, validate } = await withBaseline();
    world.settings.failStartOf = () => full;
    await validate({ cost: 0.5 });
    const stopped = await readLoopState(project, undefined);
    expect(stopped.experiments[0]?.reason).toContain('the disk is full');
    expect(stopped.ledger).toEqual([]);
    expect(stopped.next).toEqual({
      tool: 'validate_change',
      arguments: { workload: 'list-posts' },
      why: 'Free disk space.',
    });
    world.settings.failStartOf = () => undefined;
    const { id } = await validate({ cost: 0.5 });
    const decide = await readLoopState(project, undefined);
    expect(decide.next).toMatchObject({ tool: 'record_decision', arguments: { experiment_id: id } });
    await project.store.experiments.decide(id, { kind: 'keep', id: '0001' });
    expect((await readLoopState(project, undefined)).next.tool).not.toBe('record_decision');
  });
});

describe('a baseline that is not what it was', () => {
  it('without samples: both sides are measured anyway, and the kind decides by what it always does', async () => {
    const { project, baseline, validate } = await withBaseline({ goals: { ...GOALS, objectives: [] } });
    const empty = { ...baseline, id: 'base_empty', samples: 0, estimates: {}, objectives: [] };
    await project.store.baselines.create(empty, []);
    const experiment = await validate({ cost: 0.5 }, { baseline: empty });
    expect(experiment).toMatchObject({ verdict: 'improved', baseline_id: 'base_empty' });
    expect(experiment.comparisons.find(({ role }) => role === 'primary')?.metric).toBe('cpu_us_per_request');
  });

  it('whose snapshot was deleted: kept as that, with what to compare with instead', async () => {
    const { world, project, baseline, validate } = await withBaseline();
    const snapshot = { ...baseline.snapshot, id: 'snap_gone', tree: 'f'.repeat(40) };
    const experiment = await validate({ cost: 0.5 }, { baseline: { ...baseline, snapshot } });
    expect(experiment).toMatchObject({
      verdict: 'invalid',
      reason: expect.stringContaining('snap_gone is gone') as string,
      failure: { side: 'machine', code: 'snapshot_missing' },
      changed_files: [],
      diff_artifact_id: null,
      blocks: 0,
    });
    expect(await project.store.experiments.get(experiment.id)).toEqual(experiment);
    // Only where there is a git repository there is a commit to compare with.
    expect(stepsAfterMachine(experiment)).toMatchObject([{ tool: 'measure_baseline' }]);
    const head = { commit: 'a'.repeat(40), dirty: true };
    const candidate_snapshot = { ...experiment.candidate_snapshot, head };
    expect(stepsAfterMachine({ ...experiment, candidate_snapshot })).toMatchObject([
      { tool: 'validate_change', arguments: { against: 'HEAD' } },
      { tool: 'measure_baseline' },
    ]);
    expect(world.checkouts()).toEqual([]);
    expect(world.lockHolder()).toBeUndefined();
  });
});

describe('two validations at once', () => {
  it('are one when they ask for the same, and the second waits its turn when they do not', async () => {
    const { world, project, baseline } = await withBaseline();
    writeProgram(project.directory, { cost: 0.8 });
    const request = {
      goals: GOALS,
      workload: WORKLOAD,
      baseline,
      effort: 'quick',
      hypothesis: null,
      strategyId: null,
      bottleneck: null,
      primary: null,
    } as const;
    const runs = createRuns(world.ports);
    const spec = { kind: 'validation', tool: 'validate_change', workload: 'list-posts' } as const;
    let validations = 0;
    const begin = (key: string) =>
      runs.start(project, { ...spec, key }, async (run) => {
        validations++;
        const { id } = await validateChange(world.ports, project, request, run);
        return { status: 'done', summary: id, warnings: [], next_steps: [], links: [] };
      });
    const [first, same] = await Promise.all([begin('one'), begin('one')]);
    expect(same).toBe(first);
    await expect(begin('two')).rejects.toMatchObject({
      code: 'busy',
      next: [{ tool: 'get_run', arguments: { run_id: first } }, { tool: 'cancel_run' }],
    });

    // Another server on this machine: its run finds the lock taken.
    const other = createRuns({
      ...world.ports,
      entropy: { ...world.ports.entropy, id: (p) => `${p}_other` },
    });
    const foreign = await other.start(project, { ...spec, key: 'three' }, async (run) => {
      const { id } = await validateChange(world.ports, project, request, run);
      return { status: 'done', summary: id, warnings: [], next_steps: [], links: [] };
    });
    const signal = new AbortController().signal;
    const refused = await other.wait(project, foreign, { waitMs: 1000, signal });
    expect(refused.run).toMatchObject({
      state: 'failed',
      error: { code: 'busy', message: expect.stringContaining(first) as string },
    });
    const done = await runs.wait(project, first, { waitMs: 60_000, signal });
    expect(done.run.state).toBe('done');
    expect(validations).toBe(1);
    expect(await project.store.experiments.count({})).toBe(1);
  });
});
