import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { createNativeProfiler } from '../../../src/adapters/native/native-profiler.ts';
import { joinStacks } from '../../../src/adapters/native/python-stacks.ts';
import { createProcesses } from '../../../src/adapters/process/processes.ts';
import { importProfile } from '../../../src/core/importers/index.ts';
import type { SampledService } from '../../../src/core/ports/native-profiler.ts';
import type { Processes } from '../../../src/core/ports/processes.ts';
import { analyzeProfile } from '../../../src/core/profile/analyze.ts';
import { hotLinesOfFunction } from '../../../src/core/profile/hot-lines.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import { withoutPySpy } from '../../support/without-py-spy.ts';

const { signal } = new AbortController();
const env = { PATH: process.env['PATH'] ?? '', HOME: tmpdir(), PYTHONDONTWRITEBYTECODE: '1' };
const processes = createProcesses();
const pythonSamplersDirectory = new URL('../../../src/adapters/native/python', import.meta.url).pathname;
const hasPython = process.platform === 'linux' && spawnSync('python3', ['--version']).status === 0;

afterEach(() => processes.killAll());

describe('what the processes of a service left', () => {
  it('is one profile of all of them, with no more samples than its looks weigh', () => {
    // Two looks of 1 ms and one of 2 ms in one process, one of 4 ms in another.
    const one = `squares ${1e12 + 1e12 + 4e12}\nmain (a b.py:1:9);work (a b.py:3:4) 2000000\nmain (a b.py:1:9) 2000000\n`;
    const other = 'squares 16000000000000\nmain (a b.py:1:9);work (a b.py:3:4) 4000000\n';
    const { content, failures } = joinStacks([one, other]);
    expect(failures).toEqual([]);
    // 8² / 22.
    expect(content).toBe('main (a b.py:1:9);work (a b.py:3:4) 2.18\nmain (a b.py:1:9) 0.73\n');
  });

  it('says what failed, and takes nothing from a file that is cut off', () => {
    const whole = 'squares 1000000000000\nmain (a.py:1:9) 1000000\n';
    expect(joinStacks(['failed KeyError\n', whole, ''])).toEqual({
      content: 'main (a.py:1:9) 1.00\n',
      failures: ['KeyError', 'what it wrote is cut off'],
    });
    expect(joinStacks(['squares 0\n'])).toEqual({ content: '', failures: [] });
    expect(joinStacks([])).toEqual({ content: '', failures: [] });
  });
});

/** Threads that serve, in a process that the first one forks, as servers do that fork before they serve. */
const SERVICE = `
import json, os, sys, threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

def add_squares(n):
    total = 0
    for i in range(n):
        total += i * i
    return total

def join_words(n):
    return ' '.join(str(i) for i in range(n))

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == '/break':
            del sys._current_frames
        add_squares(200000)
        join_words(2000)
        state = {'tasks': len(os.listdir('/proc/self/task')), 'threads': threading.active_count(), 'switch_s': sys.getswitchinterval()}
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(state).encode())

    def log_message(self, *_args):
        pass

server = ThreadingHTTPServer(('127.0.0.1', 0), Handler)
if os.fork() == 0:
    print(server.server_address[1], flush=True)
    server.serve_forever()
os.wait()
`;
const stateSchema = z.strictObject({ tasks: z.int(), threads: z.int(), switch_s: z.number() });

async function startService(sampler: SampledService, python: readonly string[] = ['python3']) {
  const directory = await temporaryDirectory();
  writeFileSync(join(directory, 'service.py'), SERVICE);
  const child = processes.spawn({ command: [...python, 'service.py'], cwd: directory, env: sampler.env });
  await expect.poll(() => child.output().stdout, { timeout: 20_000 }).toMatch(/^\d+\n/);
  const origin = `http://127.0.0.1:${child.output().stdout.trim()}`;
  const ask = async (path = '/') => stateSchema.parse(await (await fetch(origin + path)).json());
  const record = async () => {
    let isOver = false;
    const load = Array.from({ length: 4 }, async () => {
      while (!isOver) await ask();
    });
    try {
      const { pids } = await child.usage();
      return await sampler.record({ pids, durationMs: 1500, signal });
    } finally {
      isOver = true;
      await Promise.all(load);
    }
  };
  return { directory, child, ask, record };
}

async function besideWith(given: Processes): Promise<SampledService> {
  const sampler = await createNativeProfiler({ processes: given, env, pythonSamplersDirectory }).beside(env);
  onTestFinished(() => sampler.close());
  return sampler;
}

/** Threads that Python does not know, and how long a thread keeps the lock; threads of requests end a moment after their answers. */
async function leftIn(ask: () => Promise<z.infer<typeof stateSchema>>) {
  const { tasks, threads, switch_s: switchS } = await ask();
  return { threads: tasks - threads, switchS };
}
const NOTHING_LEFT = { threads: 0, switchS: 0.005 };
const placeOf = (sampler: SampledService) => sampler.env['PYTHONPATH'] ?? '';

describe.skipIf(!hasPython)('a service of Python without py-spy (skipped where there is no python3)', () => {
  it('has the function that costs named by its line, and is afterwards what it was before', async () => {
    const sampler = await besideWith(withoutPySpy(processes));
    const { directory, child, ask, record } = await startService(sampler);
    const before = await leftIn(ask);
    expect(before).toEqual(NOTHING_LEFT);
    const { producer, content, missing } = await record();
    expect(producer).toBe('a sampler in Python');
    expect(missing?.message).toContain('py-spy is not installed');

    const analysis = analyzeProfile(importProfile(content).profile, [directory]);
    expect(analysis.totals.busySamples).toBeGreaterThan(10);
    const [first] = analysis.functions.filter(({ isUser }) => isUser);
    expect([first?.frame.name, first?.file, first?.frame.line]).toEqual(['add_squares', 'service.py', 5]);
    expect(first?.ownShare).toBeGreaterThan(0.3);
    expect([7, 8]).toContain(hotLinesOfFunction(analysis, first?.frameIndex ?? -1)[0]?.line);

    await expect.poll(() => leftIn(ask), { timeout: 10_000 }).toEqual(NOTHING_LEFT);
    expect(child.output().stderr).toBe('');
    await sampler.close();
    expect(existsSync(placeOf(sampler))).toBe(false);
  });

  it('goes on when the sampler fails, which is told', async () => {
    const sampler = await besideWith(withoutPySpy(processes));
    const { child, ask, record } = await startService(sampler);
    await ask('/break');
    await expect(record()).rejects.toMatchObject({
      code: 'native_profiler_unavailable',
      message: expect.stringContaining('AttributeError') as string,
    });
    await expect.poll(() => leftIn(ask), { timeout: 10_000 }).toEqual(NOTHING_LEFT);
    expect(child.output().stderr).toBe('');
  });

  it('that does not load the modules of its site is sampled by perf, which says so', async () => {
    const perf = {
      code: 0,
      signal: null,
      stdout: 'stacks of perf',
      stderr: '',
      timedOut: false,
      durationMs: 1,
    };
    const sampler = await besideWith({
      ...processes,
      run: ({ command: [program] }) =>
        Promise.resolve(program === 'perf' ? perf : { ...perf, code: null, startError: 'ENOENT' }),
    });
    const { record } = await startService(sampler, ['python3', '-I']);
    const { producer, content, missing } = await record();
    expect([producer, content]).toEqual(['perf', 'stacks of perf']);
    expect(missing?.message).toContain('-I');
  });
});
