import { describe, expect, it } from 'vitest';
import type { Experiment } from '../../src/core/model/experiment.ts';
import type { Workload } from '../../src/core/model/goals.ts';
import { measureBaseline } from '../../src/loop/baseline.ts';
import { validateChange } from '../../src/loop/experiment/validate.ts';
import {
  createFakeWorld,
  fakeProject,
  fakeRun,
  GOALS,
  TEST,
  WORKLOAD,
  writeProgram,
  type Program,
} from '../support/fake-ports.ts';
import { withBaseline } from '../support/validation.ts';

const codes = ({ warnings }: Experiment) => warnings.map(({ code }) => code);
const POST = { items: [{ price: 12.5, title: 'red' }], at: 'monday' };
const CHEAPER = { items: [{ price: 12.4, title: 'blue and green' }], at: 'monday' };

describe('behaviour', () => {
  it('that is equal lets the change be timed, after two looks at the baseline and one at the candidate', async () => {
    const { world, project, validate } = await withBaseline({ program: { cost: 1, answer: POST } });
    const experiment = await validate({ cost: 0.8, answer: POST });
    expect(experiment).toMatchObject({
      verdict: 'improved',
      behaviour: { status: 'equal', compared: 2, masked: [], differing: 0, differences: [] },
    });
    expect(world.observed).toEqual([
      { slot: 'a', extent: undefined },
      { slot: 'a', extent: 2 },
      { slot: 'b', extent: 2 },
    ]);
    expect(codes(experiment)).not.toContain('behaviour_not_checked');
    expect(await project.store.experiments.get(experiment.id)).toEqual(experiment);
    expect(world.runningTargets()).toBe(0);
  });

  it('that changed makes a faster change invalid, with the smallest difference, and nothing is timed', async () => {
    const { world, project, validate } = await withBaseline({ program: { cost: 1, answer: POST } });
    const experiment = await validate({ cost: 0.3, answer: CHEAPER });
    expect(experiment).toMatchObject({
      verdict: 'invalid',
      reason:
        'behaviour changed: GET /posts?page=1: body $.items[0].price 12.5 -> 12.4 (apart by 0.8 % of the larger)',
      tests: { status: 'passed' },
      blocks: 0,
      behaviour: { status: 'changed', compared: 2, differing: 4 },
    });
    // One of each field, of four in all.
    expect(experiment.behaviour.differences).toHaveLength(2);
    expect(experiment.behaviour.differences[1]).toMatchObject({
      of: 'GET /posts?page=1',
      where: 'body $.items[0].title',
      baseline: '"red"',
      candidate: '"blue and green"',
      apart: null,
    });
    // A third look at the baseline, after the candidate, before a difference counts.
    expect(world.observed.map(({ slot }) => slot)).toEqual(['a', 'a', 'b', 'a']);
    expect(world.starts).toEqual([]);
    expect(await project.store.experiments.get(experiment.id)).toEqual(experiment);
  });

  it('of which a part varies by itself is compared in the rest, and the part is named', async () => {
    const { validate } = await withBaseline({ program: { cost: 1, restless: true } });
    const same = await validate({ cost: 0.8, restless: true });
    expect(same).toMatchObject({
      verdict: 'improved',
      behaviour: { status: 'equal', masked: ['page: body $[1]'] },
    });
    expect(codes(same)).toContain('behaviour_masked');
    const changed = await validate({ cost: 0.3, restless: true, answer: 'no' });
    expect(changed.reason).toBe('behaviour changed: GET /posts?page=1: body $[0] "ok" -> "no"');
  });

  it('that is another each time is not checked, with the reason, and timed all the same', async () => {
    const { validate } = await withBaseline({ program: { cost: 1, shapeless: true } });
    const experiment = await validate({ cost: 0.8, shapeless: true });
    expect(experiment).toMatchObject({ verdict: 'improved', behaviour: { status: 'not_checked' } });
    expect(experiment.warnings.find(({ code }) => code === 'behaviour_not_checked')?.message).toContain(
      'differs between two runs of the baseline itself',
    );
  });

  it('of a baseline that cannot be looked at is not checked', async () => {
    const { validate } = await withBaseline({ program: { cost: 1, breaks: true } });
    const experiment = await validate({ cost: 0.8 });
    expect(experiment).toMatchObject({ verdict: 'improved', behaviour: { status: 'not_checked' } });
    expect(codes(experiment)).toContain('behaviour_not_checked');
  });

  it('is not looked at when the tests fail', async () => {
    const { world, validate } = await withBaseline();
    expect(await validate({ cost: 0.3, tests: 'fail' })).toMatchObject({
      verdict: 'invalid',
      behaviour: { status: 'not_checked' },
    });
    expect(world.observed).toEqual([]);
  });
});

describe('a candidate that cannot be run', () => {
  const kept = async (program: Program) => {
    const { world, project, validate } = await withBaseline({
      workload: { ...WORKLOAD, setup: [['make']] },
    });
    const experiment = await validate(program);
    expect(experiment.verdict).toBe('invalid');
    expect(await project.store.experiments.get(experiment.id)).toEqual(experiment);
    expect(world.runningTargets()).toBe(0);
    expect(world.checkouts()).toEqual([]);
    expect(world.lockHolder()).toBeUndefined();
    return experiment;
  };

  it('because it does not start is invalid, with its last output', async () => {
    expect(await kept({ cost: 0.3, breaks: true })).toMatchObject({
      reason: 'the candidate could not be run: The program ended while it was measured (exit code 9)',
      tests: { status: 'passed' },
      behaviour: { status: 'not_checked' },
      failure: { side: 'candidate', code: 'target_died', output_tail: 'no such table: posts' },
    });
  });

  it('because its setup fails is invalid too', async () => {
    expect(await kept({ cost: 0.3, setup: 'fail' })).toMatchObject({
      tests: { status: 'not_run' },
      failure: { side: 'candidate', code: 'setup_failed', output_tail: 'setup broke' },
    });
  });

  it('because it dies under load is invalid, though what it answered was equal', async () => {
    expect(await kept({ cost: 0.3, dies: true })).toMatchObject({
      behaviour: { status: 'equal', compared: 2 },
      failure: { side: 'candidate', code: 'target_died' },
    });
  });

  it('is told from an error that is of no program: then the run fails', async () => {
    const { project, validate, world } = await withBaseline();
    world.settings.failStart = () => new Error('no room on the disk');
    await expect(validate({ cost: 0.3 })).rejects.toThrow('no room on the disk');
    expect(await project.store.experiments.list({ limit: 10 })).toEqual([]);
  });
});

describe('every kind', () => {
  const FUNCTION: Workload = { name: 'parse', kind: 'function', module: 'parse.js' };
  const COMMAND: Workload = { name: 'build', kind: 'command', command: ['make'] };
  const QUERY: Workload = {
    name: 'orders',
    kind: 'query',
    database: { engine: 'postgres', url_env: 'URL' },
    sql: 'select 1',
  };

  it.each([FUNCTION, COMMAND, QUERY])('$kind: is compared before it is timed', async (workload) => {
    const world = createFakeWorld();
    const goals = { ...GOALS, objectives: [], workloads: [workload] };
    const project = await fakeProject(world, { goals });
    await world.ports.approvals.approve(project.directory, [TEST]);
    const baseline = await measureBaseline(
      world.ports,
      project,
      { workload, goals, effort: 'quick', seed: 5 },
      fakeRun('run_base'),
    );
    writeProgram(project.directory, { cost: 0.3, answer: 'no' });
    const experiment = await validateChange(
      world.ports,
      project,
      {
        ...{ goals, workload, baseline, effort: 'quick', hypothesis: null, strategyId: null },
        ...{ bottleneck: null, primary: null, seed: 11 },
      },
      fakeRun('run_exp'),
    );
    expect(experiment).toMatchObject({ verdict: 'invalid', blocks: 0, behaviour: { status: 'changed' } });
    expect(experiment.reason).toMatch(/^behaviour changed: .*"ok.*" -> .*"no/);
    expect(world.observed.map(({ slot }) => slot)).toEqual(['a', 'a', 'b', 'a']);
  });
});
