import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { median, quantile } from 'simple-statistics';
import { seededRandom } from '../src/core/random.ts';

const run = promisify(execFile);
const TIMER = fileURLToPath(new URL('fixtures/time-calls.mjs', import.meta.url));
const RESAMPLES = 4000;
const SEED = 20_261_125;
const CONFIDENCE = 0.95;

/** A module with an export `run`, and the one that makes its arguments. */
export interface TimedModule {
  readonly module: string;
  readonly inputs: string;
}

export interface ReferenceRatio {
  /** Time of b in times of a. */
  readonly ratio: number;
  readonly interval: readonly [number, number];
  readonly blocks: number;
}

/**
 * How much slower b is than a, by a method that shares nothing with our verdicts: fresh processes of a timer of its own, in
 * alternating order, the ratio of the medians, and a bootstrap over blocks for the interval.
 */
export async function measureReference(
  a: TimedModule,
  b: TimedModule,
  blocks: number,
): Promise<ReferenceRatio> {
  const pairs: (readonly [number, number])[] = [];
  for (let block = 0; block < blocks; block++) {
    if (block % 2 === 0) {
      const first = await timeCall(a);
      pairs.push([first, await timeCall(b)]);
    } else {
      const first = await timeCall(b);
      pairs.push([await timeCall(a), first]);
    }
  }
  const random = seededRandom(SEED);
  const resampled = Array.from({ length: RESAMPLES }, () =>
    ratioOfMedians(pairs.map((pair) => pairs[random.int(pairs.length)] ?? pair)),
  );
  return {
    ratio: ratioOfMedians(pairs),
    interval: [quantile(resampled, (1 - CONFIDENCE) / 2), quantile(resampled, (1 + CONFIDENCE) / 2)],
    blocks,
  };
}

function ratioOfMedians(pairs: readonly (readonly [number, number])[]): number {
  return median(pairs.map(([, b]) => b)) / median(pairs.map(([a]) => a));
}

async function timeCall({ module, inputs }: TimedModule): Promise<number> {
  const { stdout } = await run(process.execPath, [TIMER, module, inputs]);
  const us = Number(stdout);
  if (!(us > 0)) throw new Error(`${module} was timed as "${stdout}".`);
  return us;
}
