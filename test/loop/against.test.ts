import { describe, expect, it } from 'vitest';
import { readyToValidate } from '../../src/loop/experiment/ready.ts';
import { validateOnAll } from '../../src/loop/experiment/validate.ts';
import { describeVerdicts } from '../../src/render/experiment.ts';
import { createFakeWorld, fakeProject, fakeRun, writeProgram } from '../support/fake-ports.ts';
import { withBaseline } from '../support/validation.ts';

const ASKED = { effort: 'quick', hypothesis: null, strategyId: null, primary: null } as const;

describe('what a change is compared with', () => {
  it('is another experiment: its candidate, under the load of the same baseline', async () => {
    const { world, project, baseline, validate } = await withBaseline();
    const first = await validate({ cost: 0.8 });
    writeProgram(project.directory, { cost: 0.6 });
    const ready = await readyToValidate(world.ports, project, { against: first.id });
    const [second] = await validateOnAll(world.ports, project, ready, ASKED, fakeRun());
    expect(second).toMatchObject({
      verdict: 'improved',
      baseline_id: baseline.id,
      against: { kind: 'experiment', name: first.id },
      baseline_snapshot: { id: first.candidate_snapshot.id },
      load: baseline.load,
    });
    expect(second?.comparisons.find(({ role }) => role === 'primary')?.change).toBeCloseTo(-0.25, 1);
    expect(second?.warnings.map(({ code }) => code)).toContain('load_of_baseline');
    expect(second && describeVerdicts(second, [])).toContain(`against ${first.id} over`);
  });

  it('is a commit, under the load of the latest baseline, which is said', async () => {
    const { world, project, baseline, validate } = await withBaseline();
    const first = await validate({ cost: 0.8 });
    writeProgram(project.directory, { cost: 0.8, comment: 'renamed' });
    const name = first.candidate_snapshot.id.slice('snap_'.length);
    const ready = await readyToValidate(world.ports, project, { against: name });
    const [second] = await validateOnAll(world.ports, project, ready, ASKED, fakeRun());
    expect(second).toMatchObject({
      verdict: 'equivalent',
      baseline_id: baseline.id,
      against: { kind: 'ref', name },
      baseline_snapshot: { head: { commit: name } },
    });
    expect(second?.warnings.map(({ code }) => code)).toContain('load_of_baseline');
  });

  it('is a commit that was never measured: it becomes the baseline first', async () => {
    const world = createFakeWorld();
    const project = await fakeProject(world, { program: { cost: 1 } });
    const commit = await project.snapshots.take();
    writeProgram(project.directory, { cost: 0.8 });
    const ready = await readyToValidate(world.ports, project, { against: commit.id.slice('snap_'.length) });
    expect(ready.targets).toMatchObject([{ baseline: null, reference: { kind: 'ref' } }]);
    const [experiment] = await validateOnAll(world.ports, project, ready, ASKED, fakeRun());
    const baseline = await project.store.baselines.latest('list-posts');
    expect(baseline).toMatchObject({ effort: 'quick', snapshot: { tree: commit.tree } });
    expect(experiment).toMatchObject({ verdict: 'improved', baseline_id: baseline?.id });
    expect(experiment?.warnings.map(({ code }) => code)).not.toContain('load_of_baseline');
    expect(world.checkouts()).toEqual([]);
  });

  it('must be something that exists', async () => {
    const { world, project } = await withBaseline();
    await expect(readyToValidate(world.ports, project, { against: 'no-such-branch' })).rejects.toMatchObject({
      code: 'unknown_id',
      message: expect.stringContaining('no-such-branch') as string,
    });
    const [latest] = await project.store.baselines.list({ limit: 1 });
    await expect(
      readyToValidate(world.ports, project, { against: latest?.id, workload: 'other' }),
    ).rejects.toMatchObject({ code: 'unknown_workload' });
  });
});
