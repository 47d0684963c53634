import { execFile } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { SERVER_FILE } from '../support/built-package.ts';
import { startClientOfV1 } from '../support/mcp.ts';
import { createTestHome } from '../support/test-home.ts';
import { copyTargets, workloadOf } from '../support/test-project.ts';

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

describe('deep-optimize check', () => {
  const home = createTestHome();
  const workloads = [workloadOf('ok'), workloadOf('exits-at-once')];
  let project: string;

  beforeAll(async () => {
    project = copyTargets(home);
    const client = await startClientOfV1({ cwd: project, env: home.env });
    await client.call('define_goals', { workloads });
    await client.close();
    // In CI nobody has approved anything: who types the command means to run it.
    rmSync(join(home.directory, 'state'), { recursive: true, force: true });
  });

  async function check(...args: readonly string[]): Promise<Ended> {
    return await new Promise((resolve) => {
      execFile(
        process.execPath,
        [SERVER_FILE, 'check', ...args],
        { cwd: project, env: { ...home.env } },
        (error, stdout, stderr) => resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
      );
    });
  }

  /** Limits are several-fold away from what is measured, so that noise has no say. */
  function writeBudgets(budgets: readonly { workload: string; metric: string; max: number }[]): void {
    const provenance = { from: 'manual', id: null, estimate: null, machine: null, text: 'set by hand' };
    const rows = budgets.map((budget) => ({
      id: `${budget.workload}-${budget.metric}`,
      ...budget,
      provenance,
      created_at: '2026-11-22T10:00:00.000Z',
    }));
    writeFileSync(join(project, '.deep-optimize', 'budgets.json'), JSON.stringify({ budgets: rows }));
  }

  it('3 without budgets, with wrong usage, and with a file that is no budgets', async () => {
    const none = await check();
    expect(none).toMatchObject({ code: 3, stdout: '' });
    expect(none.stderr).toMatch(/no budgets[^]*Fix: .*add_budget/);
    expect(await check('--no-such-flag')).toMatchObject({ code: 3, stdout: '' });
    expect(await check('--effort', 'enormous')).toMatchObject({ code: 3, stdout: '' });
    expect(await check('--project', '/no/such/directory')).toMatchObject({ code: 3, stdout: '' });
    expect(await check('too', 'many')).toMatchObject({ code: 3, stdout: '' });
    writeFileSync(join(project, '.deep-optimize', 'budgets.json'), '{ "budgets": [');
    const corrupt = await check();
    expect(corrupt).toMatchObject({ code: 3, stdout: '' });
    expect(corrupt.stderr).toMatch(/budgets\.json, line 1/);
  });

  it('2 when the program does not start', async () => {
    writeBudgets([{ workload: 'exits-at-once', metric: 'error_rate', max: 0.5 }]);
    const { code, stdout } = await check();
    expect(code).toBe(2);
    expect(stdout).toMatch(/invalid/);
    expect(stdout).toMatch(/exited with code 3/);
    expect(home.processes()).toEqual([]);
  });

  it('0 when every budget holds, 1 when one does not, and the machine-readable form says which', async () => {
    writeBudgets([
      { workload: 'ok', metric: 'error_rate', max: 0.5 },
      { workload: 'ok', metric: 'rss_peak_bytes', max: 64 * 2 ** 30 },
      { workload: 'ok', metric: 'startup_ms', max: 1 },
    ]);
    const failed = await check('--json');
    expect(failed.code, failed.stderr).toBe(1);
    expect(JSON.parse(failed.stdout)).toMatchObject({
      outcome: 'fail',
      outcomes: [
        { budget_id: 'ok-error_rate', outcome: 'pass' },
        { budget_id: 'ok-rss_peak_bytes', outcome: 'pass' },
        { budget_id: 'ok-startup_ms', outcome: 'fail' },
      ],
    });
    const passed = await check('--budget', 'ok-rss_peak_bytes');
    expect(passed.code, passed.stderr).toBe(0);
    expect(passed.stdout).toMatch(/ok-rss_peak_bytes/);
    expect(passed.stdout).not.toMatch(/ok-startup_ms/);
    expect(home.processes()).toEqual([]);
  }, 120_000);
});
