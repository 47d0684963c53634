import { join } from 'node:path';
import { Bench as Tinybench } from 'tinybench';
import { openStore } from '../src/adapters/store/open-store.ts';
import type { Store } from '../src/core/ports/store.ts';
import { aBaseline, anExperiment, aSample } from '../test/support/records.ts';
import type { Bench, Figure } from './bench.ts';
import { copyExample } from './example-project.ts';

const EXPERIMENTS = 10_000;
/** Fresh processes of one experiment: eight blocks of two, the first look of every effort. */
const BLOCKS = 8;
const PAGE = 50;
const MAX_MS = 50;
/** Calls of each; tinybench stops when both the time and the number are reached. */
const CALLS = 200;
const SECONDS = 2;

export const history: Bench = {
  name: 'history',
  title: `A history of ${EXPERIMENTS.toLocaleString('en')} experiments`,
  method: `An SQLite history with ${EXPERIMENTS.toLocaleString('en')} experiments of ${2 * BLOCKS} samples each in five workloads. Store queries in process and \`get_history\` of the built server through a client over stdio, each after a warm-up, by tinybench. It passes when the 99th percentile does.`,
  run: async () => {
    const project = await copyExample();
    try {
      const store = await openStore({ directory: join(project.directory, '.deep-optimize') });
      try {
        await fill(store);
        const middle = idOf(EXPERIMENTS / 2);
        const inProcess = await time({
          [`experiments.list, newest ${PAGE}`]: () => store.experiments.list({ limit: PAGE }),
          [`experiments.list, ${PAGE} from the middle`]: () =>
            store.experiments.list({ limit: PAGE, before: middle }),
          [`experiments.list, ${PAGE} of one workload`]: () =>
            store.experiments.list({ limit: PAGE, workload: 'workload-3' }),
        });
        await store.close();
        const connection = await project.connect();
        try {
          const throughTool = await time({
            'get_history, overview': () => connection.call('get_history', {}),
            [`get_history, ${PAGE} experiments`]: () =>
              connection.call('get_history', { section: 'experiments', limit: PAGE }),
          });
          return [...inProcess, ...throughTool];
        } finally {
          await connection.close();
        }
      } finally {
        await store.close();
      }
    } finally {
      await project.remove();
    }
  },
};

async function fill(store: Store): Promise<void> {
  const samples = Array.from({ length: BLOCKS }, (_, block) => [
    aSample(block, 'a'),
    aSample(block, 'b'),
  ]).flat();
  for (let i = 0; i < 5; i++) {
    await store.baselines.create(aBaseline({ id: `base_${i}`, workload: `workload-${i}` }), samples);
  }
  for (let i = 0; i < EXPERIMENTS; i++) {
    const workload = i % 5;
    await store.experiments.create(
      anExperiment({ id: idOf(i), baseline_id: `base_${workload}`, workload: `workload-${workload}` }),
      samples,
    );
  }
}

function idOf(index: number): string {
  return `exp_${String(index).padStart(6, '0')}`;
}

async function time(calls: Readonly<Record<string, () => Promise<unknown>>>): Promise<readonly Figure[]> {
  const bench = new Tinybench({ time: SECONDS * 1000, iterations: CALLS, throws: true });
  for (const [what, call] of Object.entries(calls)) {
    bench.add(what, async () => {
      await call();
    });
  }
  await bench.run();
  return bench.tasks.map(({ name, result }) => {
    if (result.state !== 'completed') throw new Error(`${name} ended as ${result.state}.`);
    const { p50, p99, max, samplesCount } = result.latency;
    return {
      what: name,
      value: `${p50.toFixed(1)} ms`,
      spread: `p99 ${p99.toFixed(1)}, max ${max.toFixed(1)} ms`,
      n: samplesCount,
      target: `under ${MAX_MS} ms`,
      outcome: p99 < MAX_MS ? ('pass' as const) : ('fail' as const),
    };
  });
}
