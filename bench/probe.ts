import { seededRandom } from '../src/core/random.ts';
import { median } from '../src/core/stats/index.ts';
import { judge, rangeOf, type Bench, type Figure } from './bench.ts';
import { pairedRatio } from './paired-ratio.ts';
import { COUNTERS, createProbeCost, LOAD, NO_LOOK } from './probe-cost.ts';

/** Each starts one fresh process without a probe and one with it. */
const BLOCKS = 96;
const SEED = 20_261_125;
const MAX_RATIO = 1.05;
const LOOKS = { none: NO_LOOK, telemetry: COUNTERS };
type Mode = keyof typeof LOOKS;

export const probe: Bench = {
  name: 'probe',
  title: 'The probe in a program that does nothing else',
  method: `CPU time per request of a hello-world fastify service (bench/fixtures/hello-fastify.mjs), over its process tree, in a closed loop of ${LOAD.connections} connections and ${LOAD.durationMs / 1000} s: without a probe and with one whose window is open. ${BLOCKS} blocks of one fresh process each, in random order (seed ${SEED}); the ratio is the median over blocks, with its 95 % interval.`,
  run: async () => {
    const random = seededRandom(SEED);
    const cpuUsPerRequest = createProbeCost();
    const costs: Record<Mode, number[]> = { none: [], telemetry: [] };
    await cpuUsPerRequest(NO_LOOK); // fills the file cache
    for (let block = 0; block < BLOCKS; block++) {
      for (const mode of random.shuffle<Mode>(['none', 'telemetry'])) {
        costs[mode].push(await cpuUsPerRequest(LOOKS[mode]));
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
