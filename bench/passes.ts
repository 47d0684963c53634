import { EFFORTS } from '../src/core/efforts.ts';
import { seededRandom } from '../src/core/random.ts';
import { median } from '../src/core/stats/index.ts';
import { rangeOf, type Bench, type Figure } from './bench.ts';
import { pairedRatio } from './paired-ratio.ts';
import { COUNTERS, createProbeCost, NO_LOOK, type Look } from './probe-cost.ts';

/** Each starts one fresh process for each way of looking; an interval of the median needs 8 of them. */
const BLOCKS = 10;
/** The shortest window in which a pass looks: starting to look is part of it. */
const WINDOW_MS = EFFORTS.quick.profileMs;
const SEED = 20_261_126;

/** As the passes of find_bottlenecks do it. */
const LOOKS: Readonly<Record<string, Look>> = {
  'counters: window open': COUNTERS,
  'CPU: profiler, every 1 ms': {
    probe: 'profile',
    begin: (target) => target.startProfile({ intervalUs: 1000 }),
  },
  'CPU: profiler, inlining off': {
    probe: 'attribution',
    begin: (target) => target.startProfile({ intervalUs: 1000 }),
  },
  'trace: tracer in it, not recording': { probe: 'trace', begin: () => Promise.resolve() },
  'trace: recording': { probe: 'trace', begin: (target) => target.startTrace() },
  'memory: what stays, every 32 KiB': {
    probe: 'attribution',
    begin: (target) => target.startHeapSampling({ intervalBytes: 32 * 1024, objects: 'live' }),
  },
  'memory: all allocations, every 128 KiB': {
    probe: 'attribution',
    begin: (target) => target.startHeapSampling({ intervalBytes: 128 * 1024, objects: 'all' }),
  },
  'native: names for perf': { probe: 'native', begin: () => Promise.resolve() },
};

export const passes: Bench = {
  name: 'passes',
  title: 'What each pass costs a program that does nothing else',
  page: 'method',
  method: `CPU time per request as in the bench \`probe\`, in a window of ${WINDOW_MS / 1000} s, for each way of looking that find_bottlenecks has, as a ratio to a process without a probe in the same block: ${BLOCKS} blocks of one fresh process each, in random order (seed ${SEED}), with the 95 % interval of the median. A hello-world service is the worst case: what is added to a request stands beside next to nothing.`,
  run: async () => {
    const random = seededRandom(SEED);
    const cpuUsPerRequest = createProbeCost(WINDOW_MS);
    const none: number[] = [];
    const costs = new Map(Object.keys(LOOKS).map((name) => [name, [] as number[]]));
    await cpuUsPerRequest(NO_LOOK); // fills the file cache
    for (let block = 0; block < BLOCKS; block++) {
      const turns = [['', NO_LOOK] as const, ...Object.entries(LOOKS)];
      for (const [name, look] of random.shuffle(turns)) {
        (costs.get(name) ?? none).push(await cpuUsPerRequest(look));
      }
    }
    const figure = (what: string, values: readonly number[]): Figure => {
      const { ratio, interval, n } = pairedRatio(none, values);
      return {
        what,
        value: `${ratio.toFixed(2)}x`,
        spread: interval === null ? 'too few blocks' : `95 %: ${rangeOf(interval, 2)}`,
        n,
      };
    };
    return [
      {
        what: 'without a probe',
        value: `${median(none).toFixed(1)} µs`,
        spread: `${rangeOf(none, 1)} µs`,
        n: none.length,
      },
      ...[...costs].map(([name, values]) => figure(name, values)),
    ];
  },
};
