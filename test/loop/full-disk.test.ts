import { randomBytes } from 'node:crypto';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createProjects } from '../../src/adapters/project/create-projects.ts';
import { createCheckouts } from '../../src/adapters/snapshots/create-checkouts.ts';
import { createSnapshots } from '../../src/adapters/snapshots/create-snapshots.ts';
import { openStore } from '../../src/adapters/store/open-store.ts';
import { prepareStateDirectory } from '../../src/adapters/store/state-directory.ts';
import type { Project } from '../../src/core/ports/project.ts';
import { readLoopState } from '../../src/loop/history.ts';
import { validateChange } from '../../src/loop/experiment/validate.ts';
import { writeFiles } from '../support/git-project.ts';
import { createFakeWorld, fakeRun, GOALS, WORKLOAD } from '../support/fake-ports.ts';
import { aBaseline } from '../support/records.ts';
import { simpleProcesses } from '../support/simple-processes.ts';
import { smallDisk } from '../support/small-disk.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

/** A fake world whose snapshots and checkouts are real: what a disk does to them is too. */
async function open(directory: string, cacheDir: string) {
  const world = createFakeWorld();
  const baseEnv = { PATH: process.env['PATH'] ?? '' };
  const processes = simpleProcesses;
  const projects = createProjects({
    openStore: (options) => openStore(options),
    prepareStateDirectory,
    createSnapshots: (of) =>
      createSnapshots({ directory: of, processes, clock: world.clock, baseEnv, prepareStateDirectory }),
    createCheckouts: (of, snapshots) =>
      createCheckouts({ directory: of, snapshots, processes, baseEnv, cacheDir }),
  });
  const project = await projects.open(directory);
  await project.files.writeGoals(GOALS);
  const baseline = aBaseline({ snapshot: await project.snapshots.take() });
  await project.store.baselines.create(baseline, []);
  writeFiles(directory, { 'service.js': 'changed' });
  const validate = () =>
    validateChange(
      world.ports,
      project,
      {
        goals: GOALS,
        workload: WORKLOAD,
        baseline,
        effort: 'quick',
        hypothesis: 'less work',
        strategyId: null,
        bottleneck: null,
        primary: null,
      },
      fakeRun('run_exp'),
    );
  return { project, validate, close: () => projects.closeAll() };
}

const nextOf = async (project: Project) => (await readLoopState(project, undefined)).next;

describe('nothing is lost', () => {
  it.for(['for checkouts', 'that the history is on too'])(
    'by a full disk %s: the experiment says so, and the next call is the same one',
    async (which, { skip }) => {
      const disk = await smallDisk(3 * 2 ** 20);
      if (typeof disk === 'string') return skip(disk);
      const project = join(which === 'for checkouts' ? await temporaryDirectory() : disk.directory, 'app');
      writeFiles(project, { 'service.js': 'first' });
      // Packed bytes that no compression makes smaller: they fit once, as a snapshot or as themselves, and no more.
      const size = which === 'for checkouts' ? 4 * 2 ** 20 : 2 ** 20;
      writeFiles(project, { 'data.bin': randomBytes(size) });
      const opened = await open(project, join(disk.directory, 'cache'));
      try {
        const experiment = await opened.validate();
        expect(experiment).toMatchObject({
          verdict: 'invalid',
          failure: {
            side: 'machine',
            code: 'not_writable',
            message: expect.stringContaining('disk is full') as string,
          },
          changed_files: [{ path: 'service.js', added: 1, removed: 1 }],
          hypothesis: 'less work',
        });
        expect(await opened.project.store.experiments.get(experiment.id)).toEqual(experiment);
        expect(await nextOf(opened.project)).toMatchObject({
          tool: 'validate_change',
          arguments: { workload: 'list-posts' },
          why: expect.stringContaining('Free disk space') as string,
        });
        const left = readdirSync(join(disk.directory, 'cache'), { recursive: true, withFileTypes: true });
        expect(left.filter((entry) => entry.isFile())).toEqual([]);
      } finally {
        await opened.close();
        disk.unmount();
      }
    },
  );

  it('by a snapshot whose objects somebody removed', async () => {
    const directory = join(await temporaryDirectory(), 'app');
    writeFiles(directory, { 'service.js': 'first' });
    const { project, validate, close } = await open(directory, join(await temporaryDirectory(), 'cache'));
    const objects = join(directory, '.deep-optimize', 'snapshots.git', 'objects');
    for (const name of readdirSync(objects)) rmSync(join(objects, name), { recursive: true });
    expect(await validate()).toMatchObject({
      verdict: 'invalid',
      reason: expect.stringMatching(/could not be carried out: The code of snapshot "snap_/) as string,
      failure: { side: 'machine', code: 'snapshot_missing' },
    });
    expect(await nextOf(project)).toMatchObject({
      tool: 'measure_baseline',
      arguments: { workload: 'list-posts' },
    });
    await close();
  });
});
