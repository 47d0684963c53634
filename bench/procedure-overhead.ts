import { median } from '../src/core/stats/index.ts';
import { rangeOf, type Figure } from './bench.ts';
import type { JudgedChange } from './judge-change.ts';
import type { JudgedProgram } from './judged-program.ts';

const MAX_SHARE = 0.1;

/** Of the time that the client waited, as shares. */
export interface Overhead {
  /** When no process of the program was there at all: snapshots, checkouts, starts, ends, the decision. */
  readonly procedure: number;
  /** The same and the processes that are looked at for their behaviour: when nothing was timed. */
  readonly untimed: number;
}

/**
 * By what the processes of the program say of themselves. Each of them misses some 10 ms at its beginning and its end, in which
 * Node.js is there and its clock is not: they count as the procedure's.
 */
export async function takeOverhead(
  program: JudgedProgram,
  { blocks, seconds }: JudgedChange,
): Promise<Overhead> {
  const lifetimesMs = await program.takeLifetimesMs();
  const shareBeyond = (ms: readonly number[]) => 1 - ms.reduce((sum, one) => sum + one, 0) / 1000 / seconds;
  return { procedure: shareBeyond(lifetimesMs), untimed: shareBeyond(lifetimesMs.slice(-2 * blocks)) };
}

export function overheadFigures(overheads: readonly Overhead[]): readonly Figure[] {
  const figureOf = (what: string, shares: readonly number[]): Figure => {
    const percents = shares.map((share) => share * 100);
    return {
      what,
      value: `${median(percents).toFixed(1)} %`,
      spread: `${rangeOf(percents, 1)} %`,
      n: percents.length,
    };
  };
  const procedure = overheads.map((one) => one.procedure);
  return [
    {
      ...figureOf('time beyond the processes of the program', procedure),
      target: `under ${MAX_SHARE * 100} %`,
      outcome: median(procedure) < MAX_SHARE ? 'pass' : 'fail',
    },
    figureOf(
      'the same and the look at behaviour',
      overheads.map((one) => one.untimed),
    ),
  ];
}
