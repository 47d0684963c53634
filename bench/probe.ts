import { join } from 'node:path';
import { createLoadGenerator } from '../src/adapters/load/load-generator.ts';
import { createProcesses } from '../src/adapters/process/processes.ts';
import { createTargets } from '../src/adapters/target/targets.ts';
import { seededRandom } from '../src/core/random.ts';
import { median } from '../src/core/stats/index.ts';
import { judge, rangeOf, type Bench, type Figure } from './bench.ts';
import { pairedRatio } from './paired-ratio.ts';

/** Each starts one fresh process without a probe and one with it. */
const BLOCKS = 96;
const SEED = 20_261_125;
const MAX_RATIO = 1.05;
const DIST = join(import.meta.dirname, '..', 'dist');
const PLAN = { warmupMs: 700, durationMs: 1000, connections: 16 };

type Mode = 'none' | 'telemetry';

export const probe: Bench = {
  name: 'probe',
  title: 'The probe in a program that does nothing else',
  method: `CPU time per request of a hello-world fastify service (bench/fixtures/hello-fastify.mjs), over its process tree, in a closed loop of ${PLAN.connections} connections and ${PLAN.durationMs / 1000} s: without a probe and with one whose window is open. ${BLOCKS} blocks of one fresh process each, in random order (seed ${SEED}); the ratio is the median over blocks, with its 95 % interval.`,
  run: async () => {
    const random = seededRandom(SEED);
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

    async function cpuUsPerRequest(mode: Mode): Promise<number> {
      const target = await targets.start(
        {
          command: [process.execPath, join(import.meta.dirname, 'fixtures', 'hello-fastify.mjs')],
          cwd: join(import.meta.dirname, '..'),
          env: { PATH: process.env['PATH'] ?? '', NODE_ENV: 'production' },
          ready: { path: '/' },
          timeoutMs: 20_000,
          probe: mode,
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
            ...PLAN,
            origin: target.origin,
            requests: [
              { name: 'hello', method: 'GET', path: '/', headers: {}, weight: 1, expect: { status: 200 } },
            ],
            seed: 1,
            runId: 'run_bench',
            ...(cpus === undefined ? {} : { cpus: cpus.generator }),
            onWindow: (edge) => {
              if (edge === 'opens') before = Promise.all([cpuUs(), target.openWindow()]).then(([us]) => us);
              else after = cpuUs();
            },
          },
          signal,
        );
        if (before === undefined || after === undefined)
          throw new Error('The window did not open and close.');
        return ((await after) - (await before)) / answered;
      } finally {
        await target.stop();
      }
    }

    const costs: Record<Mode, number[]> = { none: [], telemetry: [] };
    await cpuUsPerRequest('none'); // fills the file cache
    for (let block = 0; block < BLOCKS; block++) {
      for (const mode of random.shuffle<Mode>(['none', 'telemetry'])) {
        costs[mode].push(await cpuUsPerRequest(mode));
      }
    }
    return figuresOf(costs);
  },
};

function figuresOf({ none, telemetry }: Readonly<Record<Mode, readonly number[]>>): readonly Figure[] {
  const { ratio, interval, n } = pairedRatio(none, telemetry);
  const figure = (what: string, values: readonly number[]): Figure => ({
    what,
    value: `${median(values).toFixed(1)} µs`,
    spread: `${rangeOf(values, 1)} µs`,
    n: values.length,
  });
  return [
    figure('without a probe', none),
    figure('with the probe, window open', telemetry),
    {
      what: 'with / without',
      value: `${ratio.toFixed(3)}x`,
      spread: interval === null ? 'too few blocks' : `95 %: ${rangeOf(interval, 3)}`,
      n,
      target: `at most ${MAX_RATIO}x`,
      outcome: interval === null ? 'open' : judge([interval[0], interval[1]], MAX_RATIO),
    },
  ];
}
