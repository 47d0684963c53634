import { describe, expect, it } from 'vitest';
import type { Experiment } from '../../src/core/model/experiment.ts';
import { recordDecision, type DecisionRequest } from '../../src/loop/decision.ts';
import { createFakeWorld, fakeProject, hasHistory } from '../support/fake-ports.ts';
import { anExperiment } from '../support/records.ts';

const KEEP: DecisionRequest = { experiment_id: 'exp_1', decision: 'keep', rationale: 'It pays.' };

async function withExperiment(change: Partial<Experiment> = {}) {
  const world = createFakeWorld();
  const project = await fakeProject(world);
  await project.store.experiments.create(anExperiment(change), []);
  const record = (request: DecisionRequest) =>
    recordDecision(world.ports, project, request, (id, experiment, decision) =>
      [id, experiment.id, decision.title, decision.kind, decision.rationale].join('\n'),
    );
  return { project, record };
}

describe('recordDecision', () => {
  it('writes a numbered file and remembers it with the experiment', async () => {
    const { project, record } = await withExperiment();
    const { decision } = await record(KEEP);
    expect(decision).toMatchObject({
      id: '0001',
      kind: 'keep',
      title: 'the regular expression is compiled per row',
      created_at: '2026-01-01T00:00:00.000Z',
    });
    const [file] = await project.files.decisions();
    expect(file?.text.trim()).toBe('0001\nexp_1\nthe regular expression is compiled per row\nkeep\nIt pays.');
    expect((await project.store.experiments.get('exp_1'))?.decision).toEqual({ kind: 'keep', id: '0001' });
  });

  it('hands on what the same run said of other workloads, and nothing of other runs', async () => {
    const { project } = await withExperiment();
    const world = createFakeWorld();
    for (const [id, run_id] of [
      ['exp_2', 'run_2'],
      ['exp_3', 'run_9'],
    ] as const)
      await project.store.experiments.create(anExperiment({ id, run_id, workload: 'search' }), []);
    const seen: (readonly string[])[] = [];
    await recordDecision(world.ports, project, KEEP, (_id, _experiment, _decision, elsewhere) => {
      seen.push(elsewhere.map(({ id, workload, verdict }) => `${id} ${workload} ${verdict}`));
      return '# it';
    });
    expect(seen).toEqual([['exp_2 search improved']]);
  });

  it('takes its title from the call, or names the experiment when nothing else does', async () => {
    const given = await withExperiment();
    expect((await given.record({ ...KEEP, title: 'Compile once' })).decision.title).toBe('Compile once');
    const bare = await withExperiment({ hypothesis: null });
    expect((await bare.record(KEEP)).decision.title).toBe('Experiment exp_1');
  });

  it('decides once', async () => {
    const { project, record } = await withExperiment();
    await record({ ...KEEP, decision: 'defer' });
    await expect(record(KEEP)).rejects.toMatchObject({
      code: 'invalid_arguments',
      message: 'Experiment exp_1 is decided already: defer (decision 0001).',
    });
    expect(await project.files.decisions()).toHaveLength(1);
  });

  it('does not keep what is invalid, but records that it was reverted', async () => {
    const { project, record } = await withExperiment({ verdict: 'invalid', reason: 'the tests fail' });
    await expect(record(KEEP)).rejects.toMatchObject({
      message: expect.stringContaining('the tests fail') as string,
    });
    expect(await project.files.decisions()).toEqual([]);
    expect((await record({ ...KEEP, decision: 'revert' })).decision.kind).toBe('revert');
  });

  it('refuses an experiment that is not there, and leaves no history behind', async () => {
    const world = createFakeWorld();
    const project = await fakeProject(world);
    await expect(recordDecision(world.ports, project, KEEP, () => '')).rejects.toMatchObject({
      code: 'unknown_id',
      next: [{ tool: 'get_history' }],
    });
    expect(hasHistory(project)).toBe(false);
  });
});
