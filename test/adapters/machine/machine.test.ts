import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { planCpus } from '../../../src/adapters/machine/cpu-plan.ts';
import { parseCpuLine } from '../../../src/adapters/machine/cpu-time.ts';
import { createMachine } from '../../../src/adapters/machine/machine.ts';
import { EnvironmentError } from '../../../src/core/errors.ts';
import type { LockHolder } from '../../../src/core/ports/machine.ts';

const stateDir = mkdtempSync(join(tmpdir(), 'deep-optimize-test-'));
afterAll(() => rmSync(stateDir, { recursive: true, force: true }));

const machine = createMachine({ stateDir, canPin: true });
const holder: LockHolder = {
  pid: process.pid,
  run_id: 'run_mine0000',
  project_dir: '/work/mine',
  since: '2026-11-22T10:00:00.000Z',
};

async function failureOf(promise: Promise<unknown>): Promise<EnvironmentError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof EnvironmentError)) throw new Error(`no EnvironmentError: ${String(error)}`);
  return error;
}

describe('fingerprint', () => {
  test('is the same every time and names what it rests on', async () => {
    const first = await machine.fingerprint();
    expect(await createMachine({ canPin: false }).fingerprint()).toEqual(first);
    expect(first.id).toMatch(/^mach_[0-9a-f]{12}$/);
    expect(first.cores).toBeGreaterThan(0);
    expect(first.cpu_model).not.toBe('');
    expect(first.node).toBe(process.versions.node);
  });
});

describe('cpu', () => {
  test('reads the line of the whole machine, guest time only once', () => {
    const text = 'cpu  100 20 30 400 50 6 7 8 9 10\ncpu0 1 2 3 4 5 6 7 8 9 10\nintr 1\n';
    expect(parseCpuLine(text)).toEqual({ busyUs: 1_630_000, idleUs: 4_500_000, stealUs: 80_000 });
    expect(parseCpuLine('nothing')).toBeNull();
  });

  test.runIf(process.platform === 'linux')(
    'the machine was busy at least as long as this process',
    async () => {
      const [machineBefore, ownBefore] = [await machine.cpu(), machine.ownCpuUs()];
      while (machine.ownCpuUs() - ownBefore < 200_000);
      const after = await machine.cpu();
      // The kernel counts in ticks of 10 ms, on each core.
      expect((after?.busyUs ?? 0) - (machineBefore?.busyUs ?? 0)).toBeGreaterThan(100_000);
    },
  );
});

describe('cpuPlan', () => {
  test.each([
    [[], undefined],
    [[3], undefined],
    [[0, 1], { target: [0], generator: [1] }],
    [[2, 4, 5], { target: [2, 4], generator: [5] }],
    [[0, 1, 2, 3, 4, 5, 6, 7], { target: [0, 1, 2, 3, 4, 5], generator: [6, 7] }],
  ])('cores %j are shared out as %j', (allowed, plan) => {
    expect(planCpus(allowed)).toEqual(plan);
  });

  test('there is none where nothing can be pinned', () => {
    expect(createMachine({ canPin: false }).cpuPlan()).toBeUndefined();
  });
});

/** A server process that takes the lock and holds it until it is killed. */
function startHolder(file: string): { pid: number; held: Promise<void>; kill(): Promise<void> } {
  const module = new URL('../../../src/adapters/machine/machine.ts', import.meta.url).href;
  const script = `
    import { createMachine } from ${JSON.stringify(module)};
    await createMachine({ stateDir: ${JSON.stringify(file)}, canPin: false })
      .lock({ pid: process.pid, run_id: 'run_other000', project_dir: '/work/other', since: '2026-11-22T09:00:00.000Z' });
    console.log('held');
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
    cwd: new URL('../../..', import.meta.url).pathname,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return {
    pid: child.pid ?? 0,
    held: new Promise((resolve, reject) => {
      child.stdout.once('data', () => resolve());
      child.once('exit', () => reject(new Error('the holder ended')));
    }),
    kill() {
      child.kill('SIGKILL');
      return exited;
    },
  };
}

describe('lock', () => {
  test('is held once; the second is told who holds it; it is free again afterwards', async () => {
    const release = await machine.lock(holder);
    const error = await failureOf(machine.lock({ ...holder, run_id: 'run_second00' }));
    expect(error.code).toBe('busy');
    expect(error.message).toContain('run_mine0000 of /work/mine');
    expect(error.message).toContain('2026-11-22T10:00:00.000Z');
    expect(error.fix).toContain('get_run run_mine0000');
    await release();
    await release();
    expect(existsSync(join(stateDir, 'holder.json'))).toBe(false);
    await (
      await machine.lock(holder)
    )();
  });

  test('holds across processes, and falls when its process is killed', async () => {
    const other = startHolder(stateDir);
    await other.held;
    const error = await failureOf(machine.lock(holder));
    expect(error.code).toBe('busy');
    expect(error.message).toContain(`run_other000 of /work/other (process ${other.pid})`);
    await other.kill();
    const release = await machine.lock(holder);
    expect((await failureOf(machine.lock(holder))).message).toContain('run_mine0000');
    await release();
  });

  test('says so when the directory cannot be used', async () => {
    const error = await failureOf(createMachine({ stateDir: '/dev/null/x', canPin: false }).lock(holder));
    expect(error.code).toBe('not_writable');
    expect(error.message).toContain('/dev/null/x');
  });
});
