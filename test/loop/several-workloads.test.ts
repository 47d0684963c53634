import { describe, expect, it } from 'vitest';
import { measureBaseline } from '../../src/loop/baseline.ts';
import { readyToValidate } from '../../src/loop/experiment/ready.ts';
import { validateOnAll } from '../../src/loop/experiment/validate.ts';
import { describeVerdicts } from '../../src/render/experiment.ts';
import type { FunctionWorkload } from '../../src/core/model/workloads/function.ts';
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
import { aBottleneck, anEvidence } from '../support/records.ts';

const PARSE: FunctionWorkload = { name: 'parse', kind: 'function', module: './parse.mjs', export: 'parse' };
const SEARCH = { ...WORKLOAD, name: 'search' };
const THREE = { ...GOALS, workloads: [SEARCH, PARSE, WORKLOAD] };
const ASKED = { effort: 'quick', hypothesis: null, strategyId: null, primary: null } as const;

async function measured(goals = THREE, names = goals.workloads.map(({ name }) => name)) {
  const world = createFakeWorld();
  const project = await fakeProject(world, { goals });
  await world.ports.approvals.approve(project.directory, [['node', './parse.mjs']]);
  for (const workload of goals.workloads.filter(({ name }) => names.includes(name)))
    await measureBaseline(world.ports, project, { workload, goals, effort: 'quick' }, fakeRun('run_base'));
  const validate = async (program: Program, wanted = {}) => {
    writeProgram(project.directory, program);
    const ready = await readyToValidate(world.ports, project, wanted);
    const run = fakeRun();
    return { ready, run, experiments: await validateOnAll(world.ports, project, ready, ASKED, run) };
  };
  return { world, project, validate };
}

describe('a change on all workloads of the project', () => {
  it('gives each an experiment, the lead first, and runs the tests once', async () => {
    const { world, project, validate } = await measured();
    const { experiments, run } = await validate({ cost: 0.8 });
    // list-posts has the objective that the person marked.
    expect(experiments.map(({ workload, verdict }) => [workload, verdict])).toEqual([
      ['list-posts', 'improved'],
      ['search', 'improved'],
      ['parse', 'improved'],
    ]);
    expect(experiments.map(({ alpha }) => alpha)).toEqual([0.04, 0.025, 0.025]);
    for (const experiment of experiments)
      expect(await project.store.experiments.get(experiment.id)).toEqual(experiment);
    expect(world.commands.filter(({ command }) => command[0] === TEST[0])).toHaveLength(1);
    const [lead, ...others] = experiments;
    expect(lead && describeVerdicts(lead, others)).toMatch(
      /^list-posts: Improved: .* The same change elsewhere: search improved \(.*\); parse improved \(.*\)\.$/,
    );
    const fractions = run.reports.map(({ fraction }) => fraction);
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
    expect(Math.max(...fractions)).toBeLessThanOrEqual(1);
    expect(world.checkouts()).toEqual([]);
  });

  it('leads with the workload that the blamed bottleneck is of, and looks for its cost there only', async () => {
    const { project, validate } = await measured();
    await project.store.bottlenecks.create([aBottleneck({ workload: 'search' })], [anEvidence()]);
    const { experiments } = await validate({ cost: 0.8 }, { bottleneck_id: 'bn_1' });
    expect(experiments.map(({ workload }) => workload)).toEqual(['search', 'parse', 'list-posts']);
    expect(experiments.map(({ mechanism }) => mechanism !== null)).toEqual([true, false, false]);
  });

  it('leaves out what has no baseline, and says which', async () => {
    const { validate } = await measured(THREE, ['list-posts']);
    const { ready, experiments } = await validate({ cost: 0.8 });
    expect(experiments.map(({ workload, alpha }) => [workload, alpha])).toEqual([['list-posts', 0.04]]);
    expect(ready.warnings).toMatchObject([
      { code: 'workloads_left_out', message: expect.stringContaining('search, parse') as string },
    ]);
  });

  it('goes on to the others when it cannot run on one', async () => {
    const { world, validate } = await measured();
    world.settings.failFunction = true;
    const { experiments } = await validate({ cost: 0.8 });
    expect(experiments.map(({ workload, verdict }) => [workload, verdict])).toEqual([
      ['list-posts', 'improved'],
      ['search', 'improved'],
      ['parse', 'invalid'],
    ]);
  });

  it('is one workload when that is named', async () => {
    const { validate } = await measured();
    const { experiments } = await validate({ cost: 0.8 }, { workload: 'parse' });
    expect(experiments.map(({ workload, alpha }) => [workload, alpha])).toEqual([['parse', 0.04]]);
  });

  it('refuses when none has a baseline', async () => {
    const { validate } = await measured(THREE, []);
    await expect(validate({ cost: 0.8 })).rejects.toMatchObject({ code: 'no_baseline' });
  });
});
