import { median } from '../src/core/stats/index.ts';
import { rangeOf, type Figure } from './bench.ts';
import type { JudgedChange } from './judge-change.ts';

/** "18 regressed, 2 inconclusive" */
export function countVerdicts(verdicts: readonly string[]): string {
  const names = [...new Set(verdicts)].sort();
  return names.map((name) => `${verdicts.filter((verdict) => verdict === name).length} ${name}`).join(', ');
}

/** How long the client waited for its verdicts. */
export function timeFigure(what: string, judged: readonly JudgedChange[]): Figure {
  const seconds = judged.map((one) => one.seconds);
  return {
    what,
    value: `${median(seconds).toFixed(1)} s`,
    spread: `${rangeOf(seconds, 1)} s`,
    n: seconds.length,
  };
}
