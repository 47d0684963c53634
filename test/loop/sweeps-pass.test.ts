import { describe, expect, it } from 'vitest';
import { planSweep } from '../../src/core/scaling/sweep-plan.ts';
import { readSweeps } from '../../src/loop/passes/sweeps.ts';
import { measureSweep } from '../../src/loop/sweep.ts';
import { renderSweepPlot } from '../../src/render/sweep-plot.ts';
import {
  createFakeWorld,
  fakeProject,
  fakeRun,
  GOALS,
  WORKLOAD,
  writeProgram,
} from '../support/fake-ports.ts';
import { aRun } from '../support/records.ts';

describe('stored sweeps', () => {
  it('are those of the workload, the newest of each dimension, and know which code they measured', async () => {
    const world = createFakeWorld();
    const project = await fakeProject(world);
    writeProgram(project.directory, { cost: 1, serialShare: 0.3 });
    const measure = async (id: string, workload: string, levels: readonly number[]) => {
      const run = { ...fakeRun(), id };
      const plan = planSweep(WORKLOAD, { over: 'connections', values: levels });
      const request = {
        workload: WORKLOAD,
        goals: GOALS,
        effort: 'quick',
        seed: 5,
        plan,
        draw: renderSweepPlot,
      } as const;
      const { snapshot, pictures } = await measureSweep(world.ports, project, request, run);
      await project.store.runs.create(
        aRun({ id, workload, state: 'done', result: { snapshot_id: snapshot.id } }),
      );
      return { snapshot, artifact: pictures[2]?.id };
    };
    await measure('run_old', WORKLOAD.name, [1, 2, 4, 8]);
    const newest = await measure('run_new', WORKLOAD.name, [1, 2, 4, 8, 16]);
    await measure('run_other', 'another', [1, 2, 4, 8, 16, 32]);
    const found = await readSweeps({ project, workload: WORKLOAD, snapshot: newest.snapshot });
    expect(found.map(({ artifactId, sameCode }) => [artifactId, sameCode])).toEqual([
      [newest.artifact, true],
    ]);
    expect(found[0]?.sweep.fit.kind).toBe('universal-scalability-law');

    writeProgram(project.directory, { cost: 2 });
    const later = await project.snapshots.take();
    const [stale] = await readSweeps({ project, workload: WORKLOAD, snapshot: later });
    expect(stale?.sameCode).toBe(false);
  });
});
