import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { waitUntil } from '../adapters/wait-until.ts';
import { startRawServer, type RawServer } from '../support/raw-server.ts';
import { createTestHome } from '../support/test-home.ts';
import { copyTargets, workloadOf } from '../support/test-project.ts';

/** Generous: the promise is about a second, on a machine that is not busy. */
const LIMIT_MS = 3000;

describe('the end of a server while it measures', () => {
  const home = createTestHome();
  const checkouts = join(home.directory, 'state', 'cache', 'checkouts');

  /** A server that has begun to measure a workload; `running` says when it is in the phase that a test is about. */
  async function startMeasuring(
    workload: ReturnType<typeof workloadOf>,
    what: string,
    running: (commandLines: string) => boolean,
  ): Promise<{ server: RawServer; project: string; runId: string }> {
    const project = copyTargets(home);
    // A program that is asked to end and does not.
    writeFileSync(join(project, 'stubborn.cjs'), "process.on('SIGTERM', () => {});");
    const server = await startRawServer({ cwd: project, env: home.env });
    await server.call('define_goals', { workloads: [workload] });
    const { data } = await server.call('measure_baseline', { effort: 'quick', wait_s: 0 });
    expect(data).toMatchObject({ status: 'running' });
    await waitUntil(what, () => running(home.processes(server.pid).join('\n')));
    return { server, project, runId: String(data['run_id']) };
  }

  /** The target has two children of its own, one of them in a session of its own. */
  const startLoad = () =>
    startMeasuring(
      workloadOf('forks-children', {
        start: {
          command: ['node', '--require', './stubborn.cjs', 'forks-children.mjs'],
          ready: { path: '/health' },
        },
      }),
      'target and generator run',
      (commandLines) =>
        /closed-loop|open-loop/.test(commandLines) && commandLines.match(/setTimeout/g)?.length === 2,
    );

  async function expectInterrupted(project: string, runId: string): Promise<void> {
    const server = await startRawServer({ cwd: project, env: home.env });
    try {
      const history = await server.call('get_history');
      expect(history.data['runs']).toEqual([
        expect.objectContaining({ id: runId, tool: 'measure_baseline', state: 'interrupted' }),
      ]);
      const run = await server.call('get_run', { run_id: runId });
      expect(run.isError).toBe(true);
      expect(run.text).toContain('interrupted');
      expect(run.data).toMatchObject({
        error: { code: 'cancelled', fix: expect.stringMatching(/./) as string },
        next_steps: [{ tool: 'measure_baseline' }],
      });
      expect(home.processes(server.pid)).toEqual([]);
      expect(remainingCheckouts(checkouts)).toEqual([]);
      // The lock of the machine fell with the server: the next measurement starts.
      const next = await server.call('measure_baseline', { effort: 'quick', wait_s: 0 });
      expect(next.data).toMatchObject({ status: 'running' });
      await server.call('cancel_run', { run_id: next.data['run_id'] });
    } finally {
      await server.stop();
    }
  }

  it('end of input: gone within about a second, nothing left, the run is interrupted', async () => {
    const { server, project, runId } = await startLoad();
    const before = performance.now();
    server.endInput();
    expect(await server.ended).toBe(0);
    const tookMs = performance.now() - before;
    expect(home.processes()).toEqual([]);
    console.error(`end of input: gone after ${Math.round(tookMs)} ms`);
    expect(tookMs).toBeLessThan(LIMIT_MS);
    await expectInterrupted(project, runId);
  });

  it('a client that reads no more: nothing left, the run is interrupted', async () => {
    const { server, project, runId } = await startLoad();
    server.stopReading();
    server.request('ping').catch(() => undefined);
    expect(await server.ended).toBe(0);
    expect(home.processes()).toEqual([]);
    await expectInterrupted(project, runId);
  });

  it('SIGTERM: nothing left, the run is interrupted', async () => {
    const { server, project, runId } = await startLoad();
    server.signal('SIGTERM');
    expect(await server.ended).toBe(0);
    expect(home.processes()).toEqual([]);
    await expectInterrupted(project, runId);
  });

  it('SIGINT during a setup command: nothing left, the run is interrupted', async () => {
    const setup = [['node', '--require', './stubborn.cjs', '-e', 'setTimeout(() => {}, 120_000)']];
    const { server, project, runId } = await startMeasuring(
      workloadOf('ok', { setup }),
      'the setup command runs',
      (commandLines) => commandLines.includes('setTimeout'),
    );
    server.signal('SIGINT');
    expect(await server.ended).toBe(0);
    expect(home.processes()).toEqual([]);
    await expectInterrupted(project, runId);
  });

  it('SIGKILL: the next server ends what is left, and tells of it', async () => {
    const { server, project, runId } = await startLoad();
    server.signal('SIGKILL');
    expect(await server.ended).toBe('SIGKILL');
    // Nobody could clean up: this is what makes the rest of the test say something.
    expect(home.processes().join('\n')).toContain('forks-children');
    expect(remainingCheckouts(checkouts)).not.toEqual([]);
    await expectInterrupted(project, runId);
  });
});

/** Checkouts of runs, of all projects. */
function remainingCheckouts(directory: string): readonly string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory).flatMap((project) => readdirSync(join(directory, project)));
}
