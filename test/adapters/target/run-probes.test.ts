import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { createProcesses } from '../../../src/adapters/process/processes.ts';
import { createRunProbes } from '../../../src/adapters/target/run-probes.ts';
import { importProfile } from '../../../src/core/importers/index.ts';
import type { RunProbeRequest, RunProbes } from '../../../src/core/ports/run-probes.ts';
import type { ThreadProfile } from '../../../src/core/ports/target.ts';
import { analyzeProfile } from '../../../src/core/profile/analyze.ts';
import { createTemporaryDirectory } from '../temporary-directory.ts';
import { bundleProbe } from './bundle-probe.ts';

const directory = createTemporaryDirectory();
const processes = createProcesses();
const tsx = new URL('../../../node_modules/tsx/dist/cli.mjs', import.meta.url).pathname;
const env = { PATH: process.env['PATH'] ?? '', HOME: directory.path };
let probes: RunProbes;

beforeAll(async () => {
  probes = createRunProbes({ probeFile: await bundleProbe(directory.path) });
});
afterAll(() => processes.killAll());

/** Busy until a clock says so, in a function of this name. */
const burn = (name: string, ms = 250): string => `
function ${name}() {
  const end = Date.now() + ${ms};
  let sum = 0;
  while (Date.now() < end) for (let i = 0; i < 20000; i++) sum += Math.sqrt(i);
  return sum;
}
${name}();
`;

async function run(command: readonly string[], probe: RunProbeRequest['probe'] = 'profile') {
  const opened = await probes.open({ probe, env, cwd: directory.path });
  try {
    const result = await processes.run(
      { command, cwd: directory.path, env: opened.env },
      { timeoutMs: 30_000 },
    );
    return { result, threads: await opened.collect() };
  } finally {
    await opened.close();
  }
}

/** Of the busy time of the threads in which the function has any. */
function shareOf(threads: readonly ThreadProfile[], name: string): readonly number[] {
  return threads.flatMap(({ content }) => {
    const { functions } = analyzeProfile(importProfile(content).profile);
    const found = functions.find(({ frame }) => frame.name === name);
    return found === undefined ? [] : [found.totalShare];
  });
}

describe('the hot function of a run is in a profile of', () => {
  test('a CommonJS program that ends by itself, and one that is told to', async () => {
    for (const end of ['', 'process.exit(0);']) {
      const file = directory.write('plain.cjs', burn('hotPlain') + end);
      const { result, threads } = await run([process.execPath, file]);
      expect(result.code).toBe(0);
      expect(threads).toHaveLength(1);
      expect(shareOf(threads, 'hotPlain')[0]).toBeGreaterThan(0.5);
    }
  });

  test('an ES module, after it waited', async () => {
    const file = directory.write(
      'waits.mjs',
      `await new Promise((resolve) => setTimeout(resolve, 30)); ${burn('hotModule')}`,
    );
    const { threads } = await run([process.execPath, file]);
    expect(shareOf(threads, 'hotModule')[0]).toBeGreaterThan(0.3);
  });

  test('a script of npm, and npm itself is left out', async () => {
    directory.write('script.cjs', burn('hotScript'));
    directory.write('package.json', JSON.stringify({ scripts: { work: 'node script.cjs' } }));
    const { threads } = await run(['npm', 'run', 'work']);
    const shares = shareOf(threads, 'hotScript');
    expect(shares).toHaveLength(1);
    expect(shares[0]).toBeGreaterThan(0.5);
  });

  test('TypeScript under tsx, at its place in the source', async () => {
    const file = directory.write(
      'typed.ts',
      `interface Unused { readonly text: string }\n${burn('hotTyped')}`,
    );
    const { threads } = await run([process.execPath, tsx, file]);
    const frames = threads.flatMap(({ content }) => importProfile(content).profile.frames);
    const hot = frames.find(({ name }) => name === 'hotTyped');
    expect([hot?.file, hot?.line]).toEqual([file, 3]);
  });

  test('worker threads that end, and a child that is forked', async () => {
    const worker = directory.write('worker.cjs', burn('hotWorker'));
    const child = directory.write('child.cjs', burn('hotChild'));
    const file = directory.write(
      'starts.cjs',
      `new (require('worker_threads').Worker)(${JSON.stringify(worker)}); require('child_process').fork(${JSON.stringify(child)});`,
    );
    const { threads } = await run([process.execPath, file]);
    expect(shareOf(threads, 'hotWorker')).toHaveLength(1);
    expect(shareOf(threads, 'hotChild')).toHaveLength(1);
    const ofWorker = threads.find(({ content }) => content.includes('hotWorker'));
    expect(ofWorker?.threadId).toBe(1);
  });
});

test('without inlining, a small callee that takes nearly all the time has it', async () => {
  const file = directory.write(
    'inlined.cjs',
    `function innerSmall(x) { let sum = 0; for (let i = 0; i < 30; i++) sum += (x % 7) * i; return sum; }
     function outerLoop() {
       const end = Date.now() + 600;
       let sum = 0;
       while (Date.now() < end) for (let i = 0; i < 2000; i++) sum += innerSmall(i);
       return sum;
     }
     outerLoop();`,
  );
  const named = async (probe: 'profile' | 'attribution') =>
    shareOf((await run([process.execPath, file], probe)).threads, 'innerSmall')[0] ?? 0;
  const attributed = await named('attribution');
  expect(attributed).toBeGreaterThan(0.5);
  expect(await named('profile')).toBeLessThan(attributed / 2);
});

test('a run is as it would be without, and leaves nothing', async () => {
  const file = directory.write(
    'ends.cjs',
    `process.on('exit', () => console.log('bye')); console.error('oops'); ${burn('hotEnd', 20)} process.exitCode = 3;`,
  );
  // The system's temporary directory is everybody's: other tests make such directories there at the same time.
  const temporary = join(directory.path, 'tmp');
  mkdirSync(temporary);
  vi.stubEnv('TMPDIR', temporary);
  onTestFinished(() => void vi.unstubAllEnvs());
  const { result } = await run([process.execPath, file]);
  expect([result.code, result.stdout, result.stderr]).toEqual([3, 'bye\n', 'oops\n']);
  expect(readdirSync(temporary)).toEqual([]);
});

test('a directory that is gone, or a program that is not Node.js, changes nothing', async () => {
  const opened = await probes.open({ probe: 'profile', env, cwd: directory.path });
  await opened.close();
  const file = directory.write('gone.cjs', `${burn('hotGone', 20)} console.log('done')`);
  const result = await processes.run(
    { command: [process.execPath, file], cwd: directory.path, env: opened.env },
    { timeoutMs: 30_000 },
  );
  expect([result.code, result.stdout, result.stderr]).toEqual([0, 'done\n', '']);
  const { threads } = await run(['true']);
  expect(threads).toEqual([]);
  expect(existsSync(opened.env['DEEP_OPTIMIZE_PROBE_DIRECTORY'] ?? '')).toBe(false);
});

test('for a sampler outside nothing is loaded, and V8 names its code', async () => {
  const cwd = join(directory.path, 'native');
  mkdirSync(cwd);
  const file = directory.write('native/busy.cjs', burn('hotNative', 20));
  const theirs = directory.write('native/isolate-0x1-1-v8.log', 'of an earlier run by hand');
  const native = await probes.open({
    probe: 'native',
    env: { ...env, NODE_OPTIONS: '--no-warnings' },
    cwd,
  });
  expect(native.env['NODE_OPTIONS']).toBe(
    '--no-warnings --perf-basic-prof --interpreted-frames-native-stack',
  );
  const { pid = 0, exited } = processes.spawn({ command: [process.execPath, file], cwd, env: native.env });
  await exited;
  rmSync(`/tmp/perf-${pid}.map`, { force: true });
  // V8's own log, without which the rest would say nothing.
  expect(readdirSync(cwd)).toHaveLength(3);
  await native.close();
  expect(readdirSync(cwd).sort()).toEqual(['busy.cjs', basename(theirs)]);
});
