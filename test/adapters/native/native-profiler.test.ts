import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createNativeProfiler } from '../../../src/adapters/native/native-profiler.ts';
import { createProcesses } from '../../../src/adapters/process/processes.ts';
import { nameCodeInNodeOptions } from '../../../src/adapters/target/node-options.ts';
import { importProfile } from '../../../src/core/importers/index.ts';
import { analyzeProfile } from '../../../src/core/profile/analyze.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const signal = new AbortController().signal;
const env = { PATH: process.env['PATH'] ?? '', HOME: tmpdir() };
const processes = createProcesses();

/** Why the test cannot run here, which its title says. */
function obstacleTo(program: string, probe: readonly string[]): string | undefined {
  const { status, error, stderr } = spawnSync(program, probe, { encoding: 'utf8' });
  if (error !== undefined) return `${program} is not installed`;
  return status === 0 ? undefined : `${program} is refused: ${stderr.split('\n')[0] ?? ''}`;
}
const noPerf = obstacleTo('perf', ['record', '-q', '-e', 'cpu-clock', '-o', '/dev/null', 'true']);
const noPySpy = obstacleTo('py-spy', ['--version']) ?? obstacleTo('python3', ['--version']);
const titled = (obstacle: string | undefined) => (obstacle === undefined ? '' : ` (skipped: ${obstacle})`);

afterEach(async () => {
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
    const before = readdirSync(tmpdir()).filter((name) => name.startsWith('deep-optimize-perf-'));
    // Once for the code to be compiled: names are looked up at the end, but not of code that was thrown away.
    const { producer, content, missing } = await createNativeProfiler({ processes, env }).record({
      pids: [pid],
      durationMs: 2500,
      signal,
    });
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
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith('deep-optimize-perf-'))).toEqual(before);
  });

  it('of a process that is gone is an error of the environment that says so', async () => {
    const { pid } = await start('ends.mjs', ['node'], '');
    await new Promise((resolve) => setTimeout(resolve, 500));
    await expect(
      createNativeProfiler({ processes, env }).record({ pids: [pid], durationMs: 200, signal }),
    ).rejects.toMatchObject({ code: 'native_profiler_unavailable', kind: 'environment' });
  });
});

describe.skipIf(noPySpy !== undefined)(`py-spy${titled(noPySpy)}`, () => {
  it('names functions of Python', async () => {
    const { pid, directory } = await start('busy.py', ['python3'], BUSY_PYTHON);
    await new Promise((resolve) => setTimeout(resolve, 500));
    const { producer, content } = await createNativeProfiler({ processes, env }).record({
      pids: [pid],
      durationMs: 1500,
      signal,
    });
    expect(producer).toBe('py-spy');
    const { functions } = analyzeProfile(importProfile(content).profile, [directory]);
    const counts = functions.find(({ frame }) => frame.name === 'count_primes');
    expect(counts?.file).toBe('busy.py');
    expect(counts?.totalShare).toBeGreaterThan(0.5);
  });
});

describe('without a sampler', () => {
  it('is an error that says what to install', async () => {
    const nothing = await temporaryDirectory();
    const profiler = createNativeProfiler({ processes, env: { ...env, PATH: nothing } });
    await expect(profiler.record({ pids: [process.pid], durationMs: 100, signal })).rejects.toMatchObject({
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
    const profiler = createNativeProfiler({ processes, env: { ...env, PATH: path } });
    await expect(profiler.record({ pids: [process.pid], durationMs: 100, signal })).rejects.toMatchObject({
      code: 'native_profiler_unavailable',
      message: 'perf is not permitted to look at the program.',
      fix: expect.stringContaining('perf_event_paranoid') as string,
    });
  });
});
