import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFunctionBench } from '../../../src/adapters/bench/function-bench.ts';
import { createProcesses } from '../../../src/adapters/process/processes.ts';
import { createTargets } from '../../../src/adapters/target/targets.ts';
import type { FunctionBench, FunctionPlan } from '../../../src/core/ports/bench.ts';
import type { Target, Targets } from '../../../src/core/ports/target.ts';
import type { BundledChildren } from '../../support/bundle-children.ts';
import { bundleChildren } from '../../support/bundle-children.ts';
import { bundleProbe } from '../target/bundle-probe.ts';
import { createTemporaryDirectory } from '../temporary-directory.ts';

const directory = createTemporaryDirectory();
const processes = createProcesses();
const never = new AbortController().signal;
let children: BundledChildren;
let bench: FunctionBench;
let targets: Targets;

beforeAll(async () => {
  children = await bundleChildren('src/adapters/bench', ['child-function']);
  cpSync(join(import.meta.dirname, '..', '..', 'fixtures', 'functions'), directory.path, { recursive: true });
  bench = createFunctionBench({
    processes,
    harnessFile: children.file('child-function'),
    tsxLoader: () => import.meta.resolve('tsx'),
  });
  targets = createTargets({ processes, probeFile: await bundleProbe(directory.path) });
});
afterAll(async () => {
  await processes.killAll();
  await children.remove();
});

async function start(module: string, change: Partial<FunctionPlan>): Promise<Target> {
  const plan: FunctionPlan = {
    workload: 'walk',
    directory: directory.path,
    module,
    export: 'walk',
    args: { json: [1] },
    env: { PATH: process.env['PATH'] ?? '', HOME: directory.path },
    nodeArgs: [],
    warmupMs: 0,
    timeoutMs: 30_000,
    runId: 'run_endless0',
    ...change,
  };
  const { command, env } = bench.endlessCalls(plan);
  return await targets.start(
    {
      command,
      env,
      cwd: directory.path,
      ready: { port: true },
      timeoutMs: plan.timeoutMs,
      probe: 'attribution',
      runId: plan.runId,
    },
    never,
  );
}

interface Profile {
  readonly nodes: readonly {
    readonly hitCount: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  }[];
}

describe('calls without an end', () => {
  it.each([
    ['a sync function', 'sums.mjs', 'sum', 'sums.mjs', 1],
    ['an async function', 'allocating.mjs', 'promised', 'allocating.mjs', 3],
    ['TypeScript, at its place in the source', 'typed/src/inner.ts', 'walk', 'typed/src/inner.ts', 8],
  ])('show up in a profile: %s', async (_what, module, name, file, line) => {
    const json = name === 'sum' ? [Array.from({ length: 10_000 }, (_, index) => index)] : [2000];
    const target = await start(module, { export: name, args: { json } });
    try {
      await target.startProfile({ intervalUs: 1000 });
      await sleep(600);
      const threads = await target.stopProfile();
      const nodes = threads.flatMap(({ content }) => (JSON.parse(content) as Profile).nodes);
      const own = nodes.filter(({ callFrame }) => callFrame.url === join(directory.path, file));
      expect(own.reduce((sum, { hitCount }) => sum + hitCount, 0)).toBeGreaterThan(5);
      expect(own.map(({ callFrame }) => callFrame.lineNumber)).toContain(line);
    } finally {
      await target.stop();
    }
    expect((await target.usage()).pids).toEqual([]);
  });

  it('end with the words of the function when it fails', async () => {
    await expect(start('failing.mjs', { export: 'rejects' })).rejects.toMatchObject({
      code: 'start_failed',
      output: expect.stringContaining('Error: rejected') as string,
    });
  });
});
