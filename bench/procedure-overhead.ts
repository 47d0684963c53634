import { median } from '../src/core/stats/index.ts';
import { rangeOf, type Figure } from './bench.ts';
import type { JudgedChange } from './judge-change.ts';
import type { JudgedProgram } from './judged-program.ts';

const MAX_SHARE = 0.1;

/**
 * Of the time that the client waited: what no timed process was there for. Snapshots, checkouts, tests, the look at
 * behaviour with its own processes, starts and the verdict are all in it.
 */
export async function overheadShare(
  program: JudgedProgram,
  { blocks, seconds }: JudgedChange,
): Promise<number> {
  const lifetimesMs = await program.takeLifetimesMs(2 * blocks);
  const measuredS = lifetimesMs.reduce((sum, ms) => sum + ms, 0) / 1000;
  return 1 - measuredS / seconds;
}

export function overheadFigure(shares: readonly number[]): Figure {
  const percents = shares.map((share) => share * 100);
  return {
    what: 'time beyond the timed processes',
    value: `${median(percents).toFixed(1)} %`,
    spread: `${rangeOf(percents, 1)} %`,
    n: percents.length,
    target: `under ${MAX_SHARE * 100} %`,
    outcome: median(shares) < MAX_SHARE ? 'pass' : 'fail',
  };
}
