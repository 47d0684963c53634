import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { SERVER_FILE } from '../support/built-package.ts';
import { startRawServer } from '../support/raw-server.ts';
import { createTestHome } from '../support/test-home.ts';
import { copyTargets, workloadOf } from '../support/test-project.ts';
import { expectError } from './expect-error.ts';

/** Permissions mean nothing to root: there the server runs as nobody. */
const USER = process.getuid?.() === 0 ? 65534 : undefined;

/** Where the checkout is somebody's private directory, nobody cannot even read the built server. */
function canStart(): boolean {
  try {
    execFileSync(process.execPath, ['--check', SERVER_FILE], { uid: USER, gid: USER, stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

describe('a project that may not be written', () => {
  const home = createTestHome();

  it.skipIf(!canStart())('can be looked at, and says so when something would have to be kept', async () => {
    const project = copyTargets(home);
    const stateDirectory = join(project, '.deep-optimize');
    mkdirSync(stateDirectory);
    const goals = { workloads: [workloadOf('ok')], objectives: [], constraints: [] };
    writeFileSync(join(stateDirectory, 'goals.json'), JSON.stringify(goals));
    const own = join(home.directory, 'state');
    mkdirSync(own);
    if (USER !== undefined) chownSync(own, USER, USER);
    chmodSync(home.directory, 0o755);
    for (const directory of [stateDirectory, project]) chmodSync(directory, 0o555);
    onTestFinished(() => {
      for (const directory of [project, stateDirectory]) chmodSync(directory, 0o755);
      rmSync(project, { recursive: true });
    });

    const server = await startRawServer({ cwd: project, env: { ...home.env, HOME: own }, user: USER });
    onTestFinished(() => server.stop());
    expect(await server.call('define_goals')).toMatchObject({ isError: false, data: { saved: false } });
    expect(await server.call('get_history')).toMatchObject({ isError: false, data: { runs: [] } });
    await server.call('define_goals', { approve_commands: [['node', 'ok.mjs']] });
    for (const [tool, args] of [
      ['define_goals', { correctness: { test: ['npm', 'test'] } }],
      ['measure_baseline', { effort: 'quick' }],
      ['add_budget', { metric: 'error_rate', max: 0.1 }],
    ] as const) {
      const error = expectError(await server.call(tool, args), 'not_writable');
      expect(error.message).toContain('.deep-optimize');
    }
    expect(readdirSync(stateDirectory)).toEqual(['goals.json']);
    expect(home.processes(server.pid)).toEqual([]);
  });
});
