import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createNativeProfiler } from '../../../src/adapters/native/native-profiler.ts';
import { createProcesses } from '../../../src/adapters/process/processes.ts';
import { nameCodeInNodeOptions } from '../../../src/adapters/target/node-options.ts';
import { importProfile } from '../../../src/core/importers/index.ts';
import { analyzeProfile } from '../../../src/core/profile/analyze.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import { withoutPySpy } from '../../support/without-py-spy.ts';

const signal = new AbortController().signal;
const env = { PATH: process.env['PATH'] ?? '', HOME: tmpdir() };
const processes = createProcesses();
const pythonSamplersDirectory = new URL('../../../src/adapters/native/python', import.meta.url).pathname;

/** Why the test cannot run here, which its title says. */
function obstacleTo(program: string, probe: readonly string[]): string | undefined {
  const { status, error, stderr } = spawnSync(program, probe, { encoding: 'utf8' });
  if (error !== undefined) return `${program} is not installed`;
  return status === 0 ? undefined : `${program} is refused: ${stderr.split('\n')[0] ?? ''}`;
}
const noPython = obstacleTo('python3', ['--version']);
const noPerf = obstacleTo('perf', ['record', '-q', '-e', 'cpu-clock', '-o', '/dev/null', 'true']);
const noPySpy = obstacleTo('py-spy', ['--version']) ?? obstacleTo('python3', ['--version']);
const titled = (obstacle: string | undefined) => (obstacle === undefined ? '' : ` (skipped: ${obstacle})`);

afterEach(async () => {
  vi.unstubAllEnvs();
  await processes.killAll();
});

/** A process that works until it is ended. */
async function start(
  name: string,
  command: readonly string[],
  text: string,
  more: Record<string, string> = {},
) {
  const directory = await temporaryDirectory();
  writeFileSync(join(directory, name), text);
  const child = processes.spawn({ command: [...command, name], cwd: directory, env: { ...env, ...more } });
  if (child.pid === undefined) throw new Error(`${command.join(' ')} cannot be started`);
  return { pid: child.pid, directory };
}

/** Of a program that runs already, without anything in it. */
async function record(pids: readonly number[], durationMs: number, ofSampler: typeof env = env) {
  const context = { processes, env: ofSampler, pythonSamplersDirectory };
  const sampler = await createNativeProfiler(context).beside(env);
  try {
    return await sampler.record({ pids, durationMs, signal });
  } finally {
    await sampler.close();
  }
}

/** As a command workload does it: the command that the sampler gives, to its end. */
async function runAround(
  directory: string,
  command: readonly string[],
  more: Readonly<Record<string, string>> = {},
) {
  const program = {
    command,
    cwd: directory,
    env: { ...env, ...more, NODE_OPTIONS: nameCodeInNodeOptions(undefined) },
  };
  const profiler = createNativeProfiler({ processes: withoutPySpy(processes), env, pythonSamplersDirectory });
  const sampled = await profiler.around(program, signal);
  try {
    const result = await processes.run(
      { command: sampled.command, cwd: directory, env: sampled.env },
      { timeoutMs: 60_000 },
    );
    return { result, recording: await sampled.read(signal) };
  } finally {
    await sampled.close();
  }
}

const ENDING_NODE = `
function addSines(n) { let sum = 0; for (let i = 0; i < n; i++) sum += Math.sin(i); return sum; }
for (let i = 0; i < 60; i++) addSines(300000);
`;
const BUSY_NODE = `
import { gzipSync } from 'node:zlib';
const data = Buffer.from(Array.from({ length: 200000 }, (_, i) => (i * 7919) % 251));
function packReport() { return gzipSync(data).length; }
function addSines(n) { let sum = 0; for (let i = 0; i < n; i++) sum += Math.sin(i); return sum; }
for (;;) { packReport(); addSines(300000); }
`;
const BUSY_PYTHON = `
def count_primes(n):
    return sum(1 for i in range(2, n) if all(i % j for j in range(2, int(i ** 0.5) + 1)))
while True:
    count_primes(3000)
`;

describe.skipIf(noPerf !== undefined)(`perf${titled(noPerf)}`, () => {
  it('names functions of JavaScript and charges native code to them, and leaves nothing', async () => {
    const { pid, directory } = await start('busy.mjs', ['node'], BUSY_NODE, {
      NODE_OPTIONS: nameCodeInNodeOptions(undefined),
    });
    // The system's temporary directory is everybody's: other tests make such directories there at the same time.
    const temporary = await temporaryDirectory();
    vi.stubEnv('TMPDIR', temporary);
    // Once for the code to be compiled: names are looked up at the end, but not of code that was thrown away.
    const { producer, content, missing } = await record([pid], 2500);
    expect([producer, missing]).toEqual(['perf', null]);
    const { functions, totals } = analyzeProfile(importProfile(content).profile, [directory]);
    expect(totals.busySamples).toBeGreaterThan(30);
    const pack = functions.find(({ frame }) => frame.name === 'packReport');
    const sines = functions.find(({ frame }) => frame.name === 'addSines');
    expect(pack?.file).toBe('busy.mjs');
    expect(sines?.file).toBe('busy.mjs');
    expect((pack?.ownShare ?? 0) + (sines?.ownShare ?? 0)).toBeGreaterThan(0.5);
    expect(sines?.calls.map(({ name }) => name).join()).toContain('sin');
    expect(existsSync(`/tmp/perf-${pid}.map`)).toBe(false);
    expect(readdirSync(temporary)).toEqual([]);
  });

  it('is started around a command of Node.js, and no map of its processes stays', async () => {
    const directory = await temporaryDirectory();
    writeFileSync(join(directory, 'child.mjs'), `${ENDING_NODE} console.log('child');`);
    writeFileSync(
      join(directory, 'ends.mjs'),
      `import { execFileSync } from 'node:child_process';
       ${ENDING_NODE}
       process.stdout.write(execFileSync('node', ['child.mjs']));
       process.exitCode = 3;`,
    );
    const maps = () => readdirSync('/tmp').filter((name) => /^perf-\d+\.map$/.test(name));
    const before = maps();
    const { result, recording } = await runAround(directory, ['node', 'ends.mjs']);
    expect([result.code, result.stdout]).toEqual([3, 'child\n']);
    const { functions } = analyzeProfile(importProfile(recording.content).profile, [directory]);
    const sines = functions.filter(({ frame }) => frame.name === 'addSines').map(({ file }) => file);
    expect(sines.sort()).toEqual(['child.mjs', 'ends.mjs']);
    // Another test may sample just now.
    await expect.poll(() => maps().filter((name) => !before.includes(name)), { timeout: 20_000 }).toEqual([]);
  });

  it('of a process that is gone is an error of the environment that says so', async () => {
    const { pid } = await start('ends.mjs', ['node'], '');
    await new Promise((resolve) => setTimeout(resolve, 500));
    await expect(record([pid], 200)).rejects.toMatchObject({
      code: 'native_profiler_unavailable',
      kind: 'environment',
    });
  });
});

describe.skipIf(noPySpy !== undefined)(`py-spy${titled(noPySpy)}`, () => {
  it('names functions of Python', async () => {
    const { pid, directory } = await start('busy.py', ['python3'], BUSY_PYTHON);
    await new Promise((resolve) => setTimeout(resolve, 500));
    const { producer, content } = await record([pid], 1500);
    expect(producer).toBe('py-spy');
    const { functions } = analyzeProfile(importProfile(content).profile, [directory]);
    const counts = functions.find(({ frame }) => frame.name === 'count_primes');
    expect(counts?.file).toBe('busy.py');
    expect(counts?.totalShare).toBeGreaterThan(0.5);
  });
});

describe.skipIf(noPython !== undefined)(`a command of Python without py-spy${titled(noPython)}`, () => {
  const WORK = `
import re, sys, sitecustomize
def strip_words(n):
    for _ in range(n):
        re.sub(r'[^a-z]+', '', 'some Words 12 of it' * 20)
def add_up(n):
    total = 0
    for i in range(n):
        total += i * i
    return total
for _ in range(150):
    strip_words(200)
    add_up(20000)
print('done', [path for path in sys.path if 'deep-optimize-python' in path])
`;

  it('is sampled from inside, by line, with what it calls, and is what it was', async () => {
    const directory = await temporaryDirectory();
    // What Python would load by itself is loaded too.
    writeFileSync(join(directory, 'sitecustomize.py'), "print('site')\n");
    writeFileSync(join(directory, 'work.py'), `${WORK}raise SystemExit(3)\n`);
    // Of this test alone: others run beside it, and write into the one that all share.
    const temporary = await temporaryDirectory();
    vi.stubEnv('TMPDIR', temporary);
    const { result, recording } = await runAround(directory, ['python3', 'work.py'], {
      PYTHONPATH: directory,
      PYTHONDONTWRITEBYTECODE: '1',
    });
    expect([result.code, result.stdout, result.stderr]).toEqual([3, 'site\ndone []\n', '']);
    expect(recording.producer).toBe('signals in Python');
    expect(recording.missing?.fix).toContain('py-spy');
    const { functions, totals } = analyzeProfile(importProfile(recording.content).profile, [directory]);
    expect(totals.busySamples).toBeGreaterThan(30);
    const [first, second] = functions.filter(({ isUser }) => isUser);
    expect([first?.frame.name, first?.file]).toEqual(['strip_words', 'work.py']);
    expect(second?.frame.name).toBe('add_up');
    // The library's work is charged to who called it.
    expect(first?.calls[0]?.name).toContain('re.sub');
    expect(readdirSync(temporary)).toEqual([]);
  });

  it('that does not load the modules of its site is an error that says so', async () => {
    const directory = await temporaryDirectory();
    writeFileSync(join(directory, 'isolated.py'), 'sum(i * i for i in range(100000))');
    await expect(runAround(directory, ['python3', '-I', 'isolated.py'])).rejects.toMatchObject({
      code: 'native_profiler_unavailable',
      message: expect.stringContaining('-I') as string,
    });
  });

  it('that replaces itself goes on, and one that forks is not disturbed', async () => {
    const directory = await temporaryDirectory();
    writeFileSync(
      join(directory, 'replaces.py'),
      `${WORK}
import os, multiprocessing
def child():
    add_up(2000000)
if __name__ == '__main__' and len(sys.argv) == 1:
    one = multiprocessing.get_context('fork').Process(target=child)
    one.start(); one.join()
    print(one.exitcode, flush=True)
    os.execv(sys.executable, [sys.executable, 'replaces.py', 'again'])
`,
    );
    const { result, recording } = await runAround(directory, ['python3', 'replaces.py']);
    expect([result.code, result.stdout, result.stderr]).toEqual([0, 'done []\n0\ndone []\n', '']);
    expect(recording.content).toContain('strip_words');
  });
});

describe('without a sampler', () => {
  it('is an error that says what to install', async () => {
    const nothing = await temporaryDirectory();
    await expect(record([process.pid], 100, { ...env, PATH: nothing })).rejects.toMatchObject({
      code: 'native_profiler_unavailable',
      fix: expect.stringContaining('linux-perf') as string,
    });
  });

  it('that is permitted is one that says what permits it', async () => {
    const directory = await temporaryDirectory();
    writeFileSync(
      join(directory, 'perf'),
      '#!/bin/sh\necho "Access to performance monitoring is limited. perf_event_paranoid setting is 4" >&2\nexit 255\n',
      { mode: 0o755 },
    );
    const path = `${directory}:/usr/bin:/bin`;
    await expect(record([process.pid], 100, { ...env, PATH: path })).rejects.toMatchObject({
      code: 'native_profiler_unavailable',
      message: 'perf is not permitted to look at the program.',
      fix: expect.stringContaining('perf_event_paranoid') as string,
    });
  });
});
