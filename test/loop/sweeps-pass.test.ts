import { describe, expect, it } from 'vitest';
import type { Run } from '../../src/core/model/run.ts';
import type { Sweep } from '../../src/core/model/sweep.ts';
import { readSweeps } from '../../src/loop/passes/sweeps.ts';
import { createFakeWorld, fakeProject } from '../support/fake-ports.ts';

function sweep(over: Sweep['over'], title: string): Sweep {
  return {
    over,
    metric: 'throughput_rps',
    points: [],
    fit: { kind: 'none', reason: 'too_few_levels', text: title },
    knee: null,
    plots: [],
    warnings: [],
  };
}

function run(id: string, workload: string, result: unknown, state: Run['state'] = 'done'): Run {
  return {
    id,
    kind: 'baseline',
    tool: 'measure_baseline',
    workload,
    key: id,
    state,
    progress: { fraction: 1, message: '', eta_s: null },
    owner: { pid: 1, started_at: '2026-11-25T00:00:00.000Z' },
    result,
    error: null,
    created_at: '2026-11-25T00:00:00.000Z',
    ended_at: null,
  };
}

describe('stored sweeps', () => {
  it('are the newest of each dimension, of this workload, with the code that they were measured on', async () => {
    const project = await fakeProject(createFakeWorld());
    const answer = (snapshot: string, of: Sweep | null) => ({
      status: 'done',
      snapshot_id: snapshot,
      sweep: of,
    });
    for (const one of [
      run('a', 'api', answer('snap_1', sweep('connections', 'old'))),
      run('b', 'api', answer('snap_2', sweep('connections', 'new'))),
      run('c', 'api', answer('snap_1', sweep('size', 'size'))),
      run('d', 'other', answer('snap_2', sweep('connections', 'of another workload'))),
      run('e', 'api', answer('snap_2', null)),
      run('f', 'api', null, 'failed'),
    ])
      await project.store.runs.create(one);
    const found = await readSweeps(project, 'api', 'snap_2');
    expect(
      found.map((one) => ('text' in one.sweep.fit ? [one.sweep.fit.text, one.isOfThisCode] : [])),
    ).toEqual([
      ['size', false],
      ['new', true],
    ]);
  });

  it('are none in a project without any', async () => {
    const project = await fakeProject(createFakeWorld());
    expect(await readSweeps(project, 'api', 'snap_1')).toEqual([]);
  });
});
