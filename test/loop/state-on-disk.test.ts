import { describe, expect, it } from 'vitest';
import type { CommandWorkload, Goals } from '../../src/core/model/goals.ts';
import { measureBaseline } from '../../src/loop/baseline.ts';
import { validateChange } from '../../src/loop/experiment/validate.ts';
import { createFakeWorld, fakeProject, fakeRun, writeProgram, type Program } from '../support/fake-ports.ts';

const WORKLOAD: CommandWorkload = { name: 'build', kind: 'command', command: ['make', 'site'] };
const GOALS: Goals = { workloads: [WORKLOAD], objectives: [], constraints: [] };

async function validate(candidate: Program) {
  const world = createFakeWorld();
  const project = await fakeProject(world, { goals: GOALS });
  const request = { workload: WORKLOAD, goals: GOALS, effort: 'quick', seed: 5 } as const;
  const baseline = await measureBaseline(world.ports, project, request, fakeRun('run_base'));
  writeProgram(project.directory, candidate);
  const before = world.commandRuns.length;
  const experiment = await validateChange(
    world.ports,
    project,
    { ...request, baseline, hypothesis: null, strategyId: null, bottleneck: null, primary: null },
    fakeRun('run_exp'),
  );
  return { world, project, experiment, runs: world.commandRuns.slice(before) };
}

describe('a gain that is kept on disk', () => {
  it('is taken back after three pairs of first processes, with numbers and files', async () => {
    const { project, experiment } = await validate({ cost: 1, keepsResult: true });
    expect(experiment).toMatchObject({
      verdict: 'invalid',
      reason: expect.stringContaining('CPU time is kept on disk') as string,
      state_on_disk: { metric: 'cpu_ms', carries_gain: true, left: ['cache/result.json'], left_files: 1 },
    });
    expect(experiment.state_on_disk?.first).toHaveLength(3);
    for (const { baseline, candidate } of experiment.state_on_disk?.first ?? [])
      expect(candidate / baseline).toBeCloseTo(1, 0);
    const { later } = experiment.state_on_disk ?? {};
    expect((later?.candidate ?? 0) / (later?.baseline ?? 1)).toBeCloseTo(0.1, 1);
    expect(experiment.warnings.find(({ code }) => code === 'gain_kept_on_disk')?.message).toMatch(
      /first processes.*cache\/result\.json/,
    );
    // The blocks themselves say improved: they are kept as they were.
    expect(experiment.comparisons.find(({ role }) => role === 'primary')?.verdict).toBe('improved');
    expect(await project.store.experiments.get(experiment.id)).toEqual(experiment);
  });

  it('is not the gain of a program that leaves files and is faster by itself', async () => {
    const { experiment } = await validate({ cost: 0.3, keepsResult: true });
    expect(experiment).toMatchObject({ verdict: 'improved', state_on_disk: { carries_gain: false } });
    expect(experiment.state_on_disk?.first).toHaveLength(2);
  });

  it('costs no process where nothing was left', async () => {
    const { experiment, runs } = await validate({ cost: 0.5 });
    expect(experiment).toMatchObject({
      verdict: 'improved',
      state_on_disk: { carries_gain: false, left_files: 0, first: [] },
    });
    // One that warms each checkout up, and the blocks.
    expect(runs).toHaveLength(2 + 2 * experiment.blocks);
  });

  it('is not asked of what is no gain', async () => {
    expect((await validate({ cost: 20, keepsResult: true })).experiment.state_on_disk).toBeNull();
  });

  it('starts programs of each side with a temporary directory of their own', async () => {
    const { runs } = await validate({ cost: 0.5 });
    for (const { spec, slot } of runs) expect(spec.env['TMPDIR']).toBe(`/tmp/run_exp/${slot}`);
  });
});
