import { seededRandom } from '../src/core/random.ts';
import { median } from '../src/core/stats/index.ts';
import { judge, rangeOf, type Bench, type Figure } from './bench.ts';
import { pairedRatio } from './paired-ratio.ts';
import { buildServers, type ServerBuilds } from './server-builds.ts';
import { timeFirstAnswer } from './server-process.ts';

/** Each starts every build once. With 30 the 95 % interval of a median runs from the 10th to the 21st value. */
const BLOCKS = 30;
const SEED = 20_261_122;
const MAX_RATIO = 1.2;

type Name = Exclude<keyof ServerBuilds, 'remove'>;

const NAMES: readonly (readonly [Name, string])[] = [
  ['ours', 'deep-optimize, as published (bundled)'],
  ['bare', 'bare SDK server, bundled'],
  ['oursUnbundled', 'deep-optimize, one file a module'],
  ['bareUnbundled', 'bare SDK server, one file a module'],
];

export const firstAnswer: Bench = {
  name: 'first-answer',
  title: 'First answer',
  method: `Time from the start of a fresh process to the end of its answer to \`initialize\`. ${BLOCKS} blocks after one that is not counted; a block starts each of the four builds once, in random order (seed ${SEED}). Ratios are medians over the blocks, with the 95 % interval of order statistics. "Bare" is the SDK's quick start with one tool (bench/fixtures/bare-server.ts).`,
  run: async () => {
    const builds = await buildServers();
    try {
      return figuresOf(await timeAll(builds));
    } finally {
      await builds.remove();
    }
  },
};

async function timeAll(builds: ServerBuilds): Promise<ReadonlyMap<Name, readonly number[]>> {
  const random = seededRandom(SEED);
  const names = NAMES.map(([name]) => name);
  for (const name of names) await timeFirstAnswer(builds[name]); // fills the file cache
  const times = new Map(names.map((name) => [name, [] as number[]]));
  for (let block = 0; block < BLOCKS; block++) {
    for (const name of random.shuffle(names)) times.get(name)?.push(await timeFirstAnswer(builds[name]));
  }
  return times;
}

function figuresOf(times: ReadonlyMap<Name, readonly number[]>): readonly Figure[] {
  const of = (name: Name) => times.get(name) ?? [];
  return [
    ...NAMES.map(([name, what]) => ({
      what,
      value: `${median(of(name)).toFixed(0)} ms`,
      spread: `${rangeOf(of(name), 0)} ms`,
      n: of(name).length,
    })),
    compare('published / bare SDK server, both bundled', of('bare'), of('ours'), MAX_RATIO),
    compare('published / bare SDK server, unbundled', of('bareUnbundled'), of('ours')),
    compare('one file a module / published', of('ours'), of('oursUnbundled')),
  ];
}

function compare(what: string, a: readonly number[], b: readonly number[], max?: number): Figure {
  const { ratio, interval, n } = pairedRatio(a, b);
  return {
    what,
    value: `${ratio.toFixed(2)}x`,
    spread: interval ? `95 %: ${rangeOf(interval, 2)}` : 'too few blocks',
    n,
    ...(max === undefined
      ? {}
      : { target: `at most ${max}x`, outcome: interval ? judge([interval[0], interval[1]], max) : 'open' }),
  };
}
