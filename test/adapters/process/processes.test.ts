import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { createProcesses } from '../../../src/adapters/process/processes.ts';
import { reapLeftovers } from '../../../src/adapters/process/reap-leftovers.ts';
import type { ProcessSpec } from '../../../src/core/ports/processes.ts';
import { socketPrefix, temporaryPrefix } from '../../../src/core/temporary-names.ts';
import { isRunning } from '../liveness.ts';
import { createTemporaryDirectory } from '../temporary-directory.ts';
import { waitUntil } from '../wait-until.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const onLinux = process.platform === 'linux';
const directory = createTemporaryDirectory();
const processes = createProcesses();
afterAll(() => processes.killAll());

const env = { PATH: process.env['PATH'] ?? '' };

function specOf(command: readonly string[], more: Partial<ProcessSpec> = {}): ProcessSpec {
  return { command, cwd: directory.path, env, ...more };
}

const node = (script: string, ...args: string[]): readonly string[] => [
  process.execPath,
  '-e',
  script,
  ...args,
];

async function readPid(name: string): Promise<number> {
  const file = join(directory.path, name);
  // It is there before its text is, and no process has the pid 0.
  return waitUntil(
    `${name} is written`,
    () => (existsSync(file) && Number(readFileSync(file, 'utf8'))) || undefined,
  );
}

/** Writes its pid under the name and lives on. */
const LIVE = `require('fs').writeFileSync(process.argv[1], String(process.pid)); setInterval(() => {}, 1000);`;
const IGNORE_SIGTERM = `process.on('SIGTERM', () => {});`;

describe('spawn', () => {
  test('tells how a program ended and what it printed on which stream', async () => {
    const child = processes.spawn(
      specOf(node(`console.log('out'); console.error('err'); process.exitCode = 3`)),
    );
    expect(await child.exited).toEqual({ code: 3, signal: null });
    expect(child.output()).toEqual({ stdout: 'out\n', stderr: 'err\n' });
  });

  test('gives the child the environment of the spec and nothing beside it', async () => {
    const child = processes.spawn(
      specOf(node('console.log(JSON.stringify(process.env))'), { env: { ...env, A: '1' } }),
    );
    await child.exited;
    expect(JSON.parse(child.output().stdout)).toEqual({ ...env, A: '1' });
  });

  test('says why a program could not be started, pinned or not', async () => {
    for (const cpus of [undefined, [0]]) {
      const child = processes.spawn(specOf(['no-such-program-here'], cpus === undefined ? {} : { cpus }));
      expect(child.pid).toBeUndefined();
      const exit = await child.exited;
      expect(exit.code).toBeNull();
      expect(exit.startError).toContain('ENOENT');
      await child.kill();
    }
  });

  test('keeps the tail of megabytes, and the program is not held up by them', async () => {
    const script = `for (let i = 0; i < 40000; i++) console.log(String(i).padStart(6, '0') + ' ä'.repeat(20)); console.log('end')`;
    const child = processes.spawn(specOf(node(script), { keepBytes: 1000 }));
    expect(await child.exited).toEqual({ code: 0, signal: null });
    const { stdout } = child.output();
    expect(stdout).toMatch(/039999( ä){20}\nend\n$/);
    expect(Buffer.byteLength(stdout)).toBeLessThanOrEqual(1000);
    expect(Buffer.byteLength(stdout)).toBeGreaterThan(990);
    expect(stdout).not.toContain('\uFFFD');
  });

  test('hands out lines, the last without its line break too', async () => {
    const lines: string[] = [];
    const script = `process.stdout.write('one\\r\\ntw'); setTimeout(() => process.stdout.write('o\\nthree'), 30); console.error('bad')`;
    const child = processes.spawn(
      specOf(node(script), { onLine: (line, stream) => lines.push(`${stream}:${line}`) }),
    );
    await child.exited;
    expect(lines.filter((line) => line.startsWith('stdout'))).toEqual([
      'stdout:one',
      'stdout:two',
      'stdout:three',
    ]);
    expect(lines).toContain('stderr:bad');
  });

  test('writes the input and closes it; without input stdin stays open', async () => {
    const cat = processes.spawn(specOf(['cat'], { input: 'hello' }));
    await cat.exited;
    expect(cat.output().stdout).toBe('hello');
    const waiting = processes.spawn(
      specOf(
        node(
          `process.stdin.on('end', () => console.log('closed')).resume(); setTimeout(() => process.exit(), 150)`,
        ),
      ),
    );
    await waiting.exited;
    expect(waiting.output().stdout).toBe('');
  });

  test.runIf(processes.canPin)('pins a program and what it starts, with the pid it had', async () => {
    const script = `console.log(process.pid, require('child_process').execFileSync('grep', ['Cpus_allowed_list', '/proc/self/status']).toString())`;
    const child = processes.spawn(specOf(node(script), { cpus: [0] }));
    await child.exited;
    expect(child.output().stdout).toMatch(new RegExp(`^${child.pid ?? -1} Cpus_allowed_list:\\s+0\\n`));
  });
});

describe.runIf(onLinux)('kill', () => {
  const tree = `require('child_process').spawn('setsid', [process.execPath, '-e', process.argv[2], process.argv[3]], { stdio: 'ignore' }); ${LIVE}`;

  test('ends a shell, its child, and a grandchild that left the session and ignores SIGTERM', async () => {
    const child = processes.spawn(
      specOf(['sh', '-c', '"$@"; true', 'sh', ...node(tree, 'middle', IGNORE_SIGTERM + LIVE, 'far')]),
    );
    const pids = [child.pid ?? 0, await readPid('middle'), await readPid('far')];
    expect(pids.map(isRunning)).toEqual([true, true, true]);
    await child.kill(50);
    expect(pids.map(isRunning)).toEqual([false, false, false]);
    expect(await child.exited).toEqual({ code: null, signal: 'SIGTERM' });
    await child.kill();
  });

  test('lets a program end by itself within the grace', async () => {
    const child = processes.spawn(
      specOf(
        node(`process.on('SIGTERM', () => { console.log('bye'); process.exit(7); }); ${LIVE}`, 'polite'),
      ),
    );
    await readPid('polite');
    await child.kill(10_000);
    expect(await child.exited).toEqual({ code: 7, signal: null });
    expect(child.output().stdout).toBe('bye\n');
  });

  const daemonize = `
    const far = require('child_process').spawn(process.execPath, ['-e', process.argv[1], process.argv[2]], { detached: true, stdio: 'ignore' });
    far.unref();`;

  test('finds a daemon by its mark, when parents and session are gone, and leaves a second tree of the run alone', async () => {
    const marked = { env: { ...env, DEEP_OPTIMIZE_RUN: 'run_marked00' } };
    const other = processes.spawn(specOf(node(LIVE, 'other'), marked));
    const child = processes.spawn(specOf(node(daemonize, LIVE, 'daemon'), marked));
    expect((await child.exited).code).toBe(0);
    const daemon = await readPid('daemon');
    const bystander = await readPid('other');
    expect(isRunning(daemon)).toBe(true);
    await child.kill();
    expect(isRunning(daemon)).toBe(false);
    expect(isRunning(bystander)).toBe(true);
    await other.kill();
    expect(isRunning(bystander)).toBe(false);
  });

  test('killAll ends every tree, and an unmarked daemon that had been seen in one', async () => {
    const own = createProcesses();
    const slow = `${daemonize} setTimeout(() => process.exit(0), 400)`;
    const child = own.spawn(specOf(node(slow, LIVE, 'seen')));
    const plain = own.spawn(specOf(node(LIVE, 'plain')));
    const daemon = await readPid('seen');
    expect((await child.usage()).pids).toContain(daemon);
    await child.exited;
    await readPid('plain');
    await own.killAll();
    expect([daemon, plain.pid ?? 0].map(isRunning)).toEqual([false, false]);
  });

  test('what an earlier server left is found by its run, and only that', async () => {
    const start = (runId: string): number =>
      spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], {
        env: { ...env, DEEP_OPTIMIZE_RUN: runId },
        stdio: 'ignore',
      }).pid ?? 0;
    const left = [start('run_left0001'), start('run_left0001')];
    const other = start('run_left0002');
    await waitUntil('all run', () => [...left, other].every(isRunning));
    expect(await reapLeftovers(['run_left0001', 'run_nothere0'])).toBe(2);
    expect(left.map(isRunning)).toEqual([false, false]);
    expect(isRunning(other)).toBe(true);
    expect(await reapLeftovers(['run_left0002'])).toBe(1);
    expect(await reapLeftovers([])).toBe(0);
  });

  test('so are the temporary directories of its runs, and no others', async () => {
    const temporary = await temporaryDirectory();
    vi.stubEnv('TMPDIR', temporary);
    onTestFinished(() => void vi.unstubAllEnvs());
    const make = (prefix: string) => basename(mkdtempSync(join(temporary, prefix)));
    make(temporaryPrefix('command', 'run_left0001'));
    make(socketPrefix('run_left0001'));
    const alive = make(temporaryPrefix('command', 'run_alive001'));
    // Of other programs, and of a checkout, which is reaped with its project.
    const others = [make('run_left0001-'), make('do-'), 'do-123456789abc-run_left0001'];
    mkdirSync(join(temporary, 'do-123456789abc-run_left0001'));
    expect(await reapLeftovers(['run_left0001', 'run_nothere0'])).toBe(0);
    expect(readdirSync(temporary).sort()).toEqual([alive, ...others].sort());
  });

  test('a process that ends in an orderly way takes its trees along', async () => {
    const module = JSON.stringify(
      new URL('../../../src/adapters/process/processes.ts', import.meta.url).href,
    );
    const server = directory.write(
      'server.mts',
      `import { existsSync, readFileSync } from 'node:fs';
       import { createProcesses } from ${module};
       createProcesses().spawn({ command: [process.execPath, '-e', ${JSON.stringify(LIVE)}, 'abandoned'], cwd: process.cwd(), env: {} });
       // A file is there before its content.
       setInterval(() => { if (existsSync('abandoned') && readFileSync('abandoned', 'utf8') !== '') process.exit(0); }, 10);`,
    );
    const tsx = new URL('../../../node_modules/tsx/dist/cli.mjs', import.meta.url).pathname;
    const result = await processes.run(specOf([process.execPath, tsx, server]), { timeoutMs: 30_000 });
    expect(result).toMatchObject({ code: 0, stderr: '' });
    const pid = await readPid('abandoned');
    await waitUntil('it is gone', () => !isRunning(pid));
  });
});

describe.runIf(onLinux)('usage', () => {
  /** Burns CPU for the given ms by its own clock, then waits. */
  const burn = `const end = process.cpuUsage().user + Number(process.argv[1]) * 1000; while (process.cpuUsage().user < end); console.log('burnt'); setInterval(() => {}, 1000);`;

  test('counts a grandchild that lives, and one that has ended', async () => {
    let burnt = 0;
    const wrap = `const cp = require('child_process');
      cp.spawnSync(process.execPath, ['-e', ${JSON.stringify(burn.replace('setInterval', 'process.exit(); setInterval'))}, '300'], { stdio: 'inherit' });
      cp.spawn(process.execPath, ['-e', ${JSON.stringify(burn)}, '300'], { stdio: 'inherit' });`;
    const count = (line: string): void => void (burnt += line === 'burnt' ? 1 : 0);
    const busy = processes.spawn(specOf(['sh', '-c', '"$@"; true', 'sh', ...node(wrap)], { onLine: count }));
    const idle = processes.spawn(specOf(node(LIVE, 'idle')));
    await readPid('idle');
    await waitUntil('both have burnt', () => burnt === 2);
    const busyUsage = await busy.usage();
    const idleUsage = await idle.usage();
    expect(busyUsage.cpuUs).toBeGreaterThan(600_000);
    expect(busyUsage.cpuUs).toBeGreaterThan(3 * idleUsage.cpuUs);
    expect(busyUsage.pids.length).toBe(3);
    expect(idleUsage.pids).toEqual([idle.pid]);
    // A Node.js process needs tens of MiB.
    expect(idleUsage.rssBytes).toBeGreaterThan(20 * 2 ** 20);
    expect(busyUsage.rssBytes).toBeGreaterThan(1.5 * idleUsage.rssBytes);
    await busy.kill();
    await idle.kill();
    const after = await busy.usage();
    expect(after).toMatchObject({ pids: [], rssBytes: 0 });
    expect(after.cpuUs).toBeGreaterThanOrEqual(busyUsage.cpuUs);
  });
});

describe.runIf(onLinux)('descendants', () => {
  test('are what a program started, itself left out; one that comes between two looks is seen at the second', async () => {
    const script = `const start = () => require('child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
      start();
      process.on('SIGUSR2', () => { start(); console.log('second'); }); console.log('first')`;
    const lines: string[] = [];
    const child = processes.spawn(specOf(node(script), { onLine: (line) => void lines.push(line) }));
    await waitUntil('one runs', () => lines.includes('first'));
    const one = await child.descendants();
    expect(one.pids).toHaveLength(1);
    expect(one.pids).not.toContain(child.pid);
    process.kill(child.pid ?? 0, 'SIGUSR2');
    await waitUntil('two run', () => lines.includes('second'));
    const two = await child.descendants();
    expect(two.pids).toHaveLength(2);
    expect(two.rssBytes).toBeLessThan((await child.usage()).rssBytes);
    process.kill(child.pid ?? 0, 'SIGKILL');
    await child.exited;
    expect([...(await child.descendants()).pids].sort()).toEqual([...two.pids].sort());
    await child.kill();
    expect(await child.descendants()).toEqual({ rssBytes: 0, pids: [] });
  });
});

describe('run', () => {
  test('gives result and output', async () => {
    const result = await processes.run(specOf(['sh', '-c', 'echo hi; exit 2']), { timeoutMs: 20_000 });
    expect(result).toMatchObject({ code: 2, signal: null, stdout: 'hi\n', stderr: '', timedOut: false });
  });

  test.runIf(onLinux)('kills at the limit, and says so', async () => {
    const result = await processes.run(specOf(['sh', '-c', 'echo $$; sleep 1000 & sleep 1000']), {
      timeoutMs: 200,
    });
    expect(result.timedOut).toBe(true);
    expect(isRunning(Number(result.stdout))).toBe(false);
  });

  test.runIf(onLinux)('leaves nothing in the background, even when that holds the pipes', async () => {
    const result = await processes.run(specOf(['sh', '-c', 'sleep 1000 & echo $!']), { timeoutMs: 20_000 });
    expect(result).toMatchObject({ code: 0, timedOut: false });
    expect(isRunning(Number(result.stdout))).toBe(false);
  });

  test.runIf(onLinux)('kills and rejects with the reason of an abort', async () => {
    const abort = new AbortController();
    const running = processes.run(specOf(node(LIVE, 'aborted')), { timeoutMs: 20_000, signal: abort.signal });
    const pid = await readPid('aborted');
    const reason = new Error('enough');
    abort.abort(reason);
    await expect(running).rejects.toBe(reason);
    expect(isRunning(pid)).toBe(false);
    await expect(processes.run(specOf(['true']), { timeoutMs: 1000, signal: abort.signal })).rejects.toBe(
      reason,
    );
  });

  test('reports a program that is not there', async () => {
    const result = await processes.run(specOf(['no-such-program-here']), { timeoutMs: 20_000 });
    expect(result).toMatchObject({ code: null, timedOut: false });
    expect(result.startError).toContain('ENOENT');
  });
});
