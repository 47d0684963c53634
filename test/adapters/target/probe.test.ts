import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createProcesses } from '../../../src/adapters/process/processes.ts';
import type { ProbeServer } from '../../../src/adapters/target/probe/probe-server.ts';
import { createProbeServer } from '../../../src/adapters/target/probe/probe-server.ts';
import { createTargets } from '../../../src/adapters/target/targets.ts';
import type { Target, Targets, TargetSpec } from '../../../src/core/ports/target.ts';
import { createTemporaryDirectory } from '../temporary-directory.ts';
import { waitUntil } from '../wait-until.ts';
import { bundleProbe } from './bundle-probe.ts';

const directory = createTemporaryDirectory();
const processes = createProcesses();
const tsx = new URL('../../../node_modules/tsx/dist/cli.mjs', import.meta.url).pathname;
const never = new AbortController().signal;
const env = { PATH: process.env['PATH'] ?? '', HOME: directory.path };
let probeFile: string;
let targets: Targets;

beforeAll(async () => {
  // A path with a space, as users have.
  const folder = join(directory.path, 'with space');
  mkdirSync(folder);
  probeFile = await bundleProbe(folder);
  targets = createTargets({ processes, probeFile });
});
afterAll(() => processes.killAll());

interface ProfileNode {
  readonly id: number;
  readonly hitCount: number;
  readonly callFrame: {
    readonly functionName: string;
    readonly url: string;
    readonly lineNumber: number;
    readonly generated?: { readonly url: string; readonly lineNumber: number };
  };
  readonly positionTicks?: readonly { readonly line: number; readonly ticks: number }[];
}

interface ProfileFile {
  readonly pid: number;
  readonly threadId: number;
  readonly nodes: readonly ProfileNode[];
}

function specOf(command: readonly string[], more: Partial<TargetSpec> = {}): TargetSpec {
  return {
    command,
    cwd: directory.path,
    env,
    ready: { port: true },
    timeoutMs: 30_000,
    probe: 'profile',
    runId: 'run_probe000',
    ...more,
  };
}

async function profile(target: Target, forMs = 300): Promise<readonly ProfileFile[]> {
  await target.startProfile({ intervalUs: 1000 });
  await sleep(forMs);
  const profiles = await target.stopProfile();
  return profiles.map(({ pid, threadId, content }) => {
    const { nodes } = JSON.parse(content) as { nodes: readonly ProfileNode[] };
    return { pid, threadId, nodes };
  });
}

async function profileStarted(spec: TargetSpec, probes = 1): Promise<readonly ProfileFile[]> {
  const target = await targets.start(spec, never);
  try {
    await waitUntil('the probes have said hello', () => target.probeCount() >= probes);
    return await profile(target);
  } finally {
    await target.stop();
  }
}

function hitsOf(nodes: readonly ProfileNode[], name: string): number {
  const named = nodes.filter((node) => node.callFrame.functionName === name);
  return named.reduce((sum, node) => sum + node.hitCount, 0);
}

/** Busy for most of the time, in a function of this name. */
const burn = (name: string): string => `
function ${name}() {
  const end = Date.now() + 15;
  let sum = 0;
  while (Date.now() < end) for (let i = 0; i < 20000; i++) sum += Math.sqrt(i);
  return sum;
}
setInterval(${name}, 20);
`;
const SERVE = `require('http').createServer((q, r) => r.end('ok')).listen(process.env.PORT);`;

describe('the hot function is in a profile of', () => {
  test('a CommonJS program', async () => {
    const file = directory.write('plain.cjs', SERVE + burn('hotPlain'));
    const [only, ...others] = await profileStarted(specOf([process.execPath, file]));
    expect(others).toEqual([]);
    expect(hitsOf(only?.nodes ?? [], 'hotPlain')).toBeGreaterThan(5);
    const hot = only?.nodes.find((node) => node.callFrame.functionName === 'hotPlain');
    expect(hot?.callFrame.url).toBe(file);
    expect(hot?.callFrame.lineNumber).toBe(1);
  });

  test('an ES module, with NODE_OPTIONS of the user kept', async () => {
    const serve = `import { createServer } from 'node:http'; createServer((q, r) => r.end(process.env.NODE_OPTIONS)).listen(process.env.PORT);`;
    const file = directory.write('module.mjs', serve + burn('hotModule'));
    const spec = specOf([process.execPath, file], { env: { ...env, NODE_OPTIONS: '--stack-trace-limit=7' } });
    const target = await targets.start(spec, never);
    expect(await (await fetch(target.origin)).text()).toBe(`--stack-trace-limit=7 --require "${probeFile}"`);
    const [only] = await profile(target);
    expect(hitsOf(only?.nodes ?? [], 'hotModule')).toBeGreaterThan(5);
    await target.stop();
  });

  test('a script of npm, and npm itself is left out', async () => {
    directory.write('script.cjs', SERVE + burn('hotScript'));
    directory.write('package.json', JSON.stringify({ scripts: { start: 'node script.cjs' } }));
    const target = await targets.start(specOf(['npm', 'run', 'start']), never);
    try {
      await waitUntil('both have said hello', () => target.probeCount() >= 2);
      // On a busy machine npm may still be at work of its own when its script serves already.
      let profiles = await profile(target);
      for (let again = 0; profiles.length > 1 && again < 10; again++) profiles = await profile(target);
      expect(profiles.length).toBe(1);
      expect(hitsOf(profiles[0]?.nodes ?? [], 'hotScript')).toBeGreaterThan(5);
    } finally {
      await target.stop();
    }
  });

  test('worker threads, which share the process', async () => {
    const worker = directory.write('worker.cjs', burn('hotWorker'));
    const file = directory.write(
      'pool.cjs',
      `const { Worker } = require('worker_threads'); new Worker(${JSON.stringify(worker)}); new Worker(${JSON.stringify(worker)}, { env: { ...process.env, A: '1' } }); ${SERVE}`,
    );
    const profiles = await profileStarted(specOf([process.execPath, file]), 3);
    const hot = profiles.filter(({ nodes }) => hitsOf(nodes, 'hotWorker') > 5);
    expect(hot.map(({ threadId }) => threadId).sort()).toEqual([1, 2]);
    expect(new Set(profiles.map(({ pid }) => pid)).size).toBe(1);
  });

  test('the workers of a cluster, and a forked child', async () => {
    const child = directory.write('child.cjs', burn('hotChild'));
    const file = directory.write(
      'cluster.cjs',
      `const cluster = require('cluster');
       if (cluster.isPrimary) { cluster.fork(); require('child_process').fork(${JSON.stringify(child)}); }
       else { ${SERVE} ${burn('hotCluster')} }`,
    );
    const profiles = await profileStarted(specOf([process.execPath, file]), 3);
    expect(profiles.filter(({ nodes }) => hitsOf(nodes, 'hotCluster') > 5).length).toBe(1);
    expect(profiles.filter(({ nodes }) => hitsOf(nodes, 'hotChild') > 5).length).toBe(1);
    expect(new Set(profiles.map(({ pid }) => pid)).size).toBe(profiles.length);
  });

  test('TypeScript under tsx, at its place in the source', async () => {
    const source = `import { createServer } from 'node:http';
interface Unused { readonly text: string }
type AlsoUnused = Unused | undefined;

createServer((q, r) => { r.end('ok'); }).listen(process.env['PORT']);

function hotTyped(limit: number): number {
  const end = Date.now() + 15;
  let sum: number = 0;
  while (Date.now() < end) for (let i = 0; i < limit; i++) sum += Math.sqrt(i);
  return sum;
}
setInterval(() => hotTyped(20000), 20);
`;
    const file = directory.write('typed.ts', source);
    const profiles = await profileStarted(specOf([process.execPath, tsx, file]), 2);
    const hot = profiles
      .flatMap(({ nodes }) => nodes)
      .find((node) => node.callFrame.functionName === 'hotTyped' && node.hitCount > 5);
    expect(hot?.callFrame.url).toBe(file);
    expect(hot?.callFrame.lineNumber).toBe(6);
    expect(hot?.callFrame.generated?.lineNumber).not.toBe(6);
    // All of the generated code is on one line, which says nothing about lines of the source.
    expect(hot?.positionTicks).toEqual([]);
  });

  test('a build with a source map beside it, lines included', async () => {
    // What tsc makes of a source with one line more at its top; sources relative to the map, as it writes them.
    mkdirSync(join(directory.path, 'built'), { recursive: true });
    const generated = (SERVE + burn('hotBuilt')).split('\n');
    const mappings = generated.map(() => 'AACA').join(';');
    directory.write(
      'built/built.cjs.map',
      JSON.stringify({ version: 3, file: 'built.cjs', sources: ['../lib/source.ts'], names: [], mappings }),
    );
    const file = directory.write(
      'built/built.cjs',
      `${generated.join('\n')}\n//# sourceMappingURL=built.cjs.map\n`,
    );
    const profiles = await profileStarted(specOf([process.execPath, file]));
    const hot = profiles[0]?.nodes.find(
      (node) => node.callFrame.functionName === 'hotBuilt' && node.hitCount > 5,
    );
    expect(hot?.callFrame.url).toBe(join(directory.path, 'lib/source.ts'));
    expect(hot?.callFrame.lineNumber).toBe(2);
    expect(hot?.callFrame.generated).toMatchObject({ url: file, lineNumber: 1 });
    const ticks = hot?.positionTicks ?? [];
    expect(ticks.reduce((sum, tick) => sum + tick.ticks, 0)).toBe(hot?.hitCount);
    // `while` stands in line 5 of the file, hence in line 6 of the source.
    const most = [...ticks].sort((a, b) => b.ticks - a.ticks)[0];
    expect(most?.line).toBe(6);
  });
});

test('an attribution profile names a small callee that takes nearly all the time', async () => {
  const file = directory.write(
    'inlined.cjs',
    `${SERVE}
function innerSmall(x) { let sum = 0; for (let i = 0; i < 30; i++) sum += (x % 7) * i; return sum; }
function outerLoop() {
  const end = Date.now() + 40;
  let sum = 0;
  while (Date.now() < end) for (let i = 0; i < 2000; i++) sum += innerSmall(i);
  return sum;
}
setInterval(outerLoop, 45);`,
  );
  const shareOf = async (probe: 'profile' | 'attribution'): Promise<number> => {
    const nodes = (await profileStarted(specOf([process.execPath, file], { probe }))).flatMap(
      (each) => each.nodes,
    );
    const inner = hitsOf(nodes, 'innerSmall');
    return inner / (inner + hitsOf(nodes, 'outerLoop'));
  };
  const named = await shareOf('attribution');
  expect(named).toBeGreaterThan(0.6);
  // It is inlined otherwise, and its caller takes the blame.
  expect(await shareOf('profile')).toBeLessThan(named / 2);
});

describe('what a window counts', () => {
  const libsql = createRequire(import.meta.url).resolve('libsql');
  const work = `
    const database = new Database(':memory:');
    database.exec('create table t (a)');
    const insert = database.prepare('insert into t values (?)');
    http.createServer(async (request, response) => {
      if (request.url === '/work') {
        for (let i = 0; i < 3; i++) insert.run(i);
        database.prepare('select * from t').all();
        globalThis.kept = Array.from({ length: 20_000 }, (_, i) => ({ i }));
        await (await fetch('http://127.0.0.1:' + process.env.PORT + '/other')).text();
        await new Promise((resolve) => http.get('http://127.0.0.1:' + process.env.PORT + '/other', (answer) => answer.resume().on('end', resolve)));
      }
      response.end('ok');
    }).listen(process.env.PORT);`;

  test.each([
    [
      'CommonJS',
      'counts.cjs',
      `const http = require('http'); const Database = require(${JSON.stringify(libsql)});`,
    ],
    [
      'an ES module',
      'counts.mjs',
      `import http from 'node:http'; import Database from ${JSON.stringify(libsql)};`,
    ],
  ])('statements, outgoing calls and allocated bytes, in %s', async (_kind, name, imports) => {
    const file = directory.write(name, imports + work);
    const target = await targets.start(specOf([process.execPath, file], { probe: 'telemetry' }), never);
    try {
      await target.openWindow();
      for (let i = 0; i < 5; i++) await (await fetch(`${target.origin}/work`)).text();
      const [only] = await target.closeWindow();
      expect(only).toMatchObject({ queries: 5 * 4, outboundCalls: 5 * 2, inboundRequests: 5 * 3 });
      // 20,000 objects of at least 16 bytes and the array that holds them, five times; much less than ten times that.
      expect(only?.allocatedBytes).toBeGreaterThan(5 * 20_000 * 20);
      expect(only?.allocatedBytes).toBeLessThan(5 * 20_000 * 400);
      expect(only?.activeHandles).toBeGreaterThan(0);
      await target.openWindow();
      const [idle] = await target.closeWindow();
      expect(idle).toMatchObject({ queries: 0, outboundCalls: 0 });
    } finally {
      await target.stop();
    }
  });

  test('no statements where there is no driver', async () => {
    const file = directory.write('no-driver.cjs', SERVE);
    const target = await targets.start(specOf([process.execPath, file], { probe: 'telemetry' }), never);
    await target.openWindow();
    await (await fetch(target.origin)).text();
    expect(await target.closeWindow()).toMatchObject([
      { queries: null, outboundCalls: 0, inboundRequests: null },
    ]);
    await target.stop();
  });
});

describe('a window', () => {
  const file = (): string =>
    directory.write(
      'window.cjs',
      `require('http').createServer((q, r) => {
         if (q.url === '/block') { const end = Date.now() + 400; while (Date.now() < end); }
         if (q.url === '/garbage') { const all = []; for (let i = 0; i < 400000; i++) all.push({ i }); globalThis.kept = all; }
         r.end('ok');
       }).listen(process.env.PORT);`,
    );

  test('sees a blocked loop and garbage collection, and begins anew each time', async () => {
    const target = await targets.start(specOf([process.execPath, file()], { probe: 'telemetry' }), never);
    const windowOf = async (work: () => Promise<unknown>) => {
      await target.openWindow();
      await work();
      const [only, ...others] = await target.closeWindow();
      expect(others).toEqual([]);
      if (only === undefined) throw new Error('no window');
      return only;
    };
    const busy = await windowOf(async () => {
      for (const path of ['/block', '/garbage', '/garbage']) await fetch(target.origin + path);
      await sleep(100);
    });
    const idle = await windowOf(() => sleep(300));
    expect(idle).toMatchObject({ pid: target.pid, threadId: 0 });
    expect(busy.eventLoopDelay?.maxMs).toBeGreaterThan(300);
    expect(busy.eventLoopDelay?.maxMs).toBeGreaterThan(2 * (idle.eventLoopDelay?.maxMs ?? Infinity));
    expect(idle.eventLoopDelay?.p50Ms).toBeGreaterThanOrEqual(0);
    expect(busy.eventLoopUtilization).toBeGreaterThan(2 * idle.eventLoopUtilization);
    const gcOf = (seen: typeof busy): number => Object.values(seen.gcMs).reduce((sum, ms) => sum + ms, 0);
    expect(gcOf(busy)).toBeGreaterThan(0);
    expect(gcOf(busy)).toBeGreaterThan(2 * gcOf(idle));
    expect(busy.processCpuUs).toBeGreaterThan(3 * idle.processCpuUs);
    expect(idle.heapUsedBytes).toBeGreaterThan(0);
    expect(idle.rssBytes).toBeGreaterThan(idle.heapUsedBytes);
    await target.stop();
  });

  test('never overlaps a profile', async () => {
    const target = await targets.start(specOf([process.execPath, file()]), never);
    await target.openWindow();
    await expect(target.startProfile({ intervalUs: 1000 })).rejects.toThrow('while a window was open');
    await target.closeWindow();
    await target.startProfile({ intervalUs: 1000 });
    await expect(target.openWindow()).rejects.toThrow('while a profile was open');
    expect(await target.stopProfile()).toEqual([]);
    await target.stop();
  });

  test('is joined by a thread that starts while it is open', async () => {
    const late = directory.write(
      'late.cjs',
      `require('http').createServer((q, r) => { new (require('worker_threads').Worker)('setInterval(() => {}, 100)', { eval: true }).once('online', () => r.end('ok')); }).listen(process.env.PORT);`,
    );
    const target = await targets.start(specOf([process.execPath, late], { probe: 'telemetry' }), never);
    await target.openWindow();
    await fetch(target.origin);
    await waitUntil('the worker has said hello', () => target.probeCount() === 2);
    const windows = await target.closeWindow();
    expect(windows.map(({ threadId }) => threadId).sort()).toEqual([0, 1]);
    await target.stop();
    expect(target.probeCount()).toBe(0);
  });
});

describe('the probe is a guest', () => {
  let server: ProbeServer;
  beforeEach(async () => {
    server = await createProbeServer('run_probe000');
  });
  afterEach(() => server.close());

  test.each([
    ['without a server', (): string => '9:nobody'],
    ['with a server', (): string => server.address],
    ['with an address that is none', (): string => 'rubbish'],
    ['without an address', (): string => ''],
  ])('a program ends by itself and unchanged, %s', async (_, address) => {
    for (const mode of ['telemetry', 'attribution']) {
      const result = await processes.run(
        {
          command: [process.execPath, '-e', `process.on('exit', (code) => console.log('end', code))`],
          cwd: directory.path,
          env: {
            ...env,
            NODE_OPTIONS: `--require "${probeFile}"`,
            DEEP_OPTIMIZE_PROBE: address(),
            DEEP_OPTIMIZE_PROBE_MODE: mode,
          },
        },
        { timeoutMs: 30_000 },
      );
      expect(result).toMatchObject({ code: 0, stdout: 'end 0\n', stderr: '', timedOut: false });
    }
  });

  test('says who it is, and what else comes to the port is not believed', async () => {
    const script = `const [port, token] = process.env.DEEP_OPTIMIZE_PROBE.split(':');
      const s = require('dgram').createSocket('udp4');
      const hello = { type: 'hello', pid: 1, threadId: 0, argv: [], nodeVersion: '1' };
      for (const said of ['rubbish', '', { ...hello, token: 'other' }, hello, { ...hello, pid: -1, token }, { type: 'reply', id: 1, answer: true, token }])
        s.send(typeof said === 'string' ? said : JSON.stringify(said), Number(port), '127.0.0.1');
      setInterval(() => {}, 100)`;
    const child = processes.spawn({
      command: [process.execPath, '-e', script, 'an argument'],
      cwd: directory.path,
      env: { ...env, NODE_OPTIONS: `--require "${probeFile}"`, DEEP_OPTIMIZE_PROBE: server.address },
    });
    expect(await server.waitForHello(20_000)).toBe(true);
    expect(server.hellos()).toEqual([
      {
        type: 'hello',
        pid: child.pid,
        threadId: 0,
        argv: [process.execPath, 'an argument'],
        nodeVersion: process.versions.node,
      },
    ]);
    expect(await server.stopProfile()).toEqual([]);
    await child.kill();
    // The system tells that nobody listens there any more: no time limit is waited for.
    expect(await server.heapAfterGc()).toEqual([]);
    expect(server.hellos()).toEqual([]);
    expect(await server.waitForHello(10)).toBe(false);
  });
});

describe('memory', () => {
  const leaking = `
const kept = [];
function keep() { kept.push({ list: Array.from({ length: 200 }, (_, i) => ({ i })) }); }
function drop() { return Array.from({ length: 200 }, (_, i) => ({ i })).length; }
require('http').createServer((q, r) => { keep(); drop(); r.end('ok'); }).listen(process.env.PORT);`;

  const ask = async (target: Target, times: number) => {
    for (let index = 0; index < times; index++) await (await fetch(target.origin)).text();
  };
  const bytesOf = (content: string, name: string): number => {
    const sum = (node: HeapNode): number =>
      (node.callFrame.functionName === name ? sumOf(node) : 0) +
      node.children.reduce((total, child) => total + sum(child), 0);
    const sumOf = (node: HeapNode): number =>
      node.selfSize + node.children.reduce((total, child) => total + sumOf(child), 0);
    return sum((JSON.parse(content) as { head: HeapNode }).head);
  };
  interface HeapNode {
    readonly callFrame: { readonly functionName: string; readonly url: string };
    readonly selfSize: number;
    readonly children: readonly HeapNode[];
  }

  test('after a forced collection only what is kept is there, with its place', async () => {
    const file = directory.write('leaking.cjs', leaking);
    const target = await targets.start(specOf([process.execPath, file], { probe: 'attribution' }), never);
    try {
      await ask(target, 50);
      const [before] = await target.heapAfterGc();
      await target.startHeapSampling({ intervalBytes: 8192, objects: 'live' });
      await ask(target, 300);
      const [after] = await target.heapAfterGc();
      const [live] = await target.stopHeapSampling();
      await target.startHeapSampling({ intervalBytes: 8192, objects: 'all' });
      await ask(target, 300);
      await target.heapAfterGc();
      const [all] = await target.stopHeapSampling();
      expect((after?.inboundRequests ?? 0) - (before?.inboundRequests ?? 0)).toBe(300);
      // 200 objects of 16 bytes or more, and the list, a request.
      expect((after?.heapUsedBytes ?? 0) - (before?.heapUsedBytes ?? 0)).toBeGreaterThan(300 * 200 * 16);
      expect(bytesOf(live?.content ?? '', 'keep')).toBeGreaterThan(20 * bytesOf(live?.content ?? '', 'drop'));
      expect(bytesOf(all?.content ?? '', 'drop')).toBeGreaterThan(0.3 * bytesOf(all?.content ?? '', 'keep'));
    } finally {
      await target.stop();
    }
  });

  test('leaves the program as it was: no gc in its globals, no inspector open', async () => {
    const file = directory.write(
      'as-before.cjs',
      `require('http').createServer((q, r) => r.end(JSON.stringify({ gc: typeof gc, inside: require('vm').runInNewContext('typeof gc'), url: require('inspector').url() ?? null }))).listen(process.env.PORT);`,
    );
    const target = await targets.start(specOf([process.execPath, file]), never);
    try {
      const look = async () => (await fetch(target.origin)).json();
      const before = await look();
      await target.startHeapSampling({ intervalBytes: 65_536, objects: 'live' });
      await target.heapAfterGc();
      await target.stopHeapSampling();
      expect(await look()).toEqual(before);
      expect(before).toEqual({ gc: 'undefined', inside: 'undefined', url: null });
    } finally {
      await target.stop();
    }
  });
});
