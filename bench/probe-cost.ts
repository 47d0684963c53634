import { join } from 'node:path';
import { createLoadGenerator } from '../src/adapters/load/load-generator.ts';
import { createProcesses } from '../src/adapters/process/processes.ts';
import { createTargets } from '../src/adapters/target/targets.ts';
import type { Target, TargetSpec } from '../src/core/ports/target.ts';

const DIST = join(import.meta.dirname, '..', 'dist');
export const LOAD = { warmupMs: 700, durationMs: 1000, connections: 16 };

/** One way to look at a program: the probe that it starts with, and what is begun when the window opens. */
export interface Look {
  readonly probe: TargetSpec['probe'];
  readonly begin: (target: Target) => Promise<void>;
}

export const NO_LOOK: Look = { probe: 'none', begin: () => Promise.resolve() };
export const COUNTERS: Look = { probe: 'telemetry', begin: (target) => target.openWindow() };

/** CPU time per request of a fresh process of a hello-world service, over its process tree, in a closed loop. */
export function createProbeCost(durationMs = LOAD.durationMs): (look: Look) => Promise<number> {
  const processes = createProcesses();
  const cpus = processes.canPin ? { target: [0], generator: [1] } : undefined;
  const targets = createTargets({ processes, probeFile: join(DIST, 'probe.cjs') });
  const load = createLoadGenerator({
    processes,
    closedLoopFile: join(DIST, 'closed-loop.js'),
    openLoopFile: join(DIST, 'open-loop.js'),
    answersFile: '',
    ceilingServerFile: join(DIST, 'ceiling-server.js'),
  });
  const signal = new AbortController().signal;
  return async ({ probe, begin }) => {
    const target = await targets.start(
      {
        command: [process.execPath, join(import.meta.dirname, 'fixtures', 'hello-fastify.mjs')],
        cwd: join(import.meta.dirname, '..'),
        env: { PATH: process.env['PATH'] ?? '', NODE_ENV: 'production' },
        ready: { path: '/' },
        timeoutMs: 20_000,
        probe,
        runId: 'run_bench',
        ...(cpus === undefined ? {} : { cpus: cpus.target }),
      },
      signal,
    );
    try {
      let before: Promise<number> | undefined;
      let after: Promise<number> | undefined;
      const cpuUs = async () => (await target.usage()).cpuUs;
      const { answered } = await load.closedLoop(
        {
          ...LOAD,
          durationMs,
          origin: target.origin,
          requests: [
            { name: 'hello', method: 'GET', path: '/', headers: {}, weight: 1, expect: { status: 200 } },
          ],
          seed: 1,
          runId: 'run_bench',
          ...(cpus === undefined ? {} : { cpus: cpus.generator }),
          onWindow: (edge) => {
            if (edge === 'opens') before = Promise.all([cpuUs(), begin(target)]).then(([us]) => us);
            else after = cpuUs();
          },
        },
        signal,
      );
      if (before === undefined || after === undefined) throw new Error('The window did not open and close.');
      return ((await after) - (await before)) / answered;
    } finally {
      await target.stop();
    }
  };
}
