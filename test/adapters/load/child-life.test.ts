import { spawn } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLoadGenerator } from '../../../src/adapters/load/load-generator.ts';
import type { OpenLoopPlan } from '../../../src/core/ports/load.ts';
import type { ManagedProcess, Processes, ProcessSpec } from '../../../src/core/ports/processes.ts';
import { bundleChildren } from '../../support/bundle-children.ts';
import type { BundledChildren } from '../../support/bundle-children.ts';
import { startFixtureServer } from '../../support/fixture-server.ts';
import type { FixtureServer } from '../../support/fixture-server.ts';
import { createSimpleProcesses } from '../../support/simple-processes.ts';

const CHILDREN = ['child-closed-loop', 'child-open-loop'] as const;
let children: BundledChildren;
let server: FixtureServer;

beforeAll(async () => {
  children = await bundleChildren('src/adapters/load', CHILDREN);
  server = await startFixtureServer('delayed');
});
afterAll(async () => {
  await server.stop();
  await children.remove();
});

function planOf(more: Partial<OpenLoopPlan> = {}): OpenLoopPlan & { readonly connections: number } {
  const request = { name: 'page', method: 'GET', path: '/', headers: {}, weight: 1, expect: {} };
  const plan = { origin: server.origin, requests: [request], durationMs: 30_000, seed: 1, runId: 'run-test' };
  return { ...plan, connections: 2, ratePerS: 50, maxInFlight: 100, ...more };
}

function generatorOf(processes: Processes, closedLoopFile?: string) {
  return createLoadGenerator({
    processes,
    closedLoopFile: closedLoopFile ?? children.file('child-closed-loop'),
    openLoopFile: children.file('child-open-loop'),
    answersFile: '',
    ceilingServerFile: '',
  });
}

/** Real processes, and what was started with which id. */
function spy() {
  const real = createSimpleProcesses();
  const specs: ProcessSpec[] = [];
  const started: ManagedProcess[] = [];
  const processes: Processes = {
    ...real,
    spawn: (spec) => {
      specs.push(spec);
      const child = real.spawn(spec);
      started.push(child);
      return child;
    },
  };
  return { processes, specs, children: started };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function waitUntil(condition: () => boolean, timeoutMs = 15_000): Promise<void> {
  const until = performance.now() + timeoutMs;
  while (!condition()) {
    if (performance.now() > until) throw new Error('waited in vain');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe.concurrent('life of a generator', () => {
  it('is over when the call is aborted', async () => {
    const controller = new AbortController();
    const startedAt = performance.now();
    setTimeout(() => controller.abort(new Error('enough')), 400);
    await expect(generatorOf(createSimpleProcesses()).openLoop(planOf(), controller.signal)).rejects.toThrow(
      'enough',
    );
    // The window alone is 30 s; `run` resolves when the process has ended.
    expect(performance.now() - startedAt).toBeLessThan(15_000);
  });

  it.each([
    ['child-closed-loop', 'at work', 1_000],
    ['child-open-loop', 'at work', 1_000],
    // Most likely before the child has run a line of its own.
    ['child-open-loop', 'at work', 30],
    ['child-closed-loop', 'on stand-by', 1_000],
    ['child-open-loop', 'on stand-by', 1_000],
  ])('%s, %s, ends when its parent is killed after %d ms', async (name, state, waitMs) => {
    const { durationMs, requests, seed, ratePerS, maxInFlight, connections } = planOf();
    const { host, port } = new URL(server.origin);
    const destination = {
      protocol: 'http:',
      addresses: ['127.0.0.1'],
      port: Number(port),
      host,
      loopback: true,
    };
    const plan = { durationMs, requests, seed, ratePerS, maxInFlight, connections };
    const input = { plan, destination: state === 'at work' ? destination : undefined };
    const script = `
      const child = require('node:child_process').spawn(process.execPath, [process.argv[1]], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
      const { plan, destination } = JSON.parse(process.argv[2]);
      child.stdin.write(JSON.stringify({ ...plan, parentPid: process.pid }) + '\\n');
      if (destination) child.stdin.end(JSON.stringify(destination) + '\\n');
      console.log(child.pid);
      setInterval(() => {}, 1000);`;
    const parent = spawn(process.execPath, ['-e', script, children.file(name), JSON.stringify(input)]);
    try {
      const pid = await new Promise<number>((resolve) => {
        parent.stdout.setEncoding('utf8').once('data', (text: string) => resolve(Number(text)));
      });
      await new Promise((resolve) => setTimeout(resolve, waitMs));
      expect(isAlive(pid)).toBe(true);
      parent.kill('SIGKILL');
      await waitUntil(() => !isAlive(pid));
    } finally {
      // When it fails too: it would stay for good.
      parent.kill('SIGKILL');
    }
  });

  it('carries the mark of its run, the cores, and nothing else of our environment', async () => {
    const { processes, specs } = spy();
    const plan = planOf({ durationMs: 100, cpus: [0], runId: 'run-7' });
    await generatorOf(processes).openLoop(plan, new AbortController().signal);
    expect(specs[0]?.cpus).toEqual([0]);
    expect(specs[0]?.env).toMatchObject({ DEEP_OPTIMIZE_RUN: 'run-7' });
    expect(specs[0]?.env).not.toHaveProperty('NODE_OPTIONS');
    expect(specs[0]?.env).not.toHaveProperty('HOME');
  });

  it('waits on stand-by until it is told where the load goes, and is gone when nobody tells', async () => {
    const { processes, children: started } = spy();
    const load = generatorOf(processes);
    const { origin, ...plan } = planOf({ durationMs: 100 });
    const never = new AbortController().signal;
    const used = load.standBy({ closedLoop: plan, openLoop: plan });
    const unused = load.standBy({ closedLoop: plan, openLoop: plan });
    const edges: string[] = [];
    const onWindow = (edge: string) => edges.push(edge);
    const closed = await used.closedLoop({ origin, onWindow }, never);
    const open = await used.openLoop({ origin, onWindow }, never);
    expect(closed.answered).toBeGreaterThan(0);
    expect(open.answered).toBeGreaterThan(0);
    expect(edges).toEqual(['opens', 'closes', 'opens', 'closes']);
    await Promise.all([used.stop(), unused.stop()]);
    const pids = started.map(({ pid }) => pid ?? 0);
    expect(pids.length).toBe(4);
    expect(pids.filter(isAlive)).toEqual([]);
  });

  it('takes a plan with ends of lines that JSON leaves as they are', async () => {
    const [request] = planOf().requests;
    const requests = request === undefined ? [] : [{ ...request, method: 'POST', body: 'a\u2028b\u2029c' }];
    const load = generatorOf(createSimpleProcesses());
    const { answered, failures } = await load.openLoop(
      planOf({ requests, durationMs: 100 }),
      new AbortController().signal,
    );
    expect(failures).toEqual([]);
    expect(answered).toBeGreaterThan(0);
  });

  it('is not started for a host that is not loopback', async () => {
    const { processes, specs } = spy();
    const plan = planOf({ origin: 'http://192.0.2.7:80' });
    const load = generatorOf(processes);
    const refused = { kind: 'input', code: 'host_not_allowed' };
    await expect(load.openLoop(plan, new AbortController().signal)).rejects.toMatchObject(refused);
    await expect(load.closedLoop(plan, new AbortController().signal)).rejects.toMatchObject(refused);
    expect(specs).toEqual([]);
  });

  it('says so when it ends without a result', async () => {
    const load = generatorOf(createSimpleProcesses(), '/nowhere/child.mjs');
    const failed = load.closedLoop(planOf(), new AbortController().signal);
    await expect(failed).rejects.toMatchObject({ kind: 'internal', code: 'generator_failed' });
    await expect(failed).rejects.toHaveProperty('output', expect.stringContaining('/nowhere/child.mjs'));
  });
});
