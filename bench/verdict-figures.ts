import { median } from '../src/core/stats/index.ts';
import { rangeOf, type Figure } from './bench.ts';
import type { JudgedChange } from './judge-change.ts';
import { atLeast } from './verdict-calls.ts';

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

/** How often a change that is slower was called so in time; `least` of it is promised. */
export function regressedFigure(
  what: string,
  judged: readonly JudgedChange[],
  withinS: number,
  least: readonly [number, number],
): Figure {
  const inTime = judged.filter(({ verdict, seconds }) => verdict === 'regressed' && seconds < withinS);
  const wanted = atLeast(judged.length, least);
  return {
    what: `${what}: regressed within ${withinS} s`,
    value: `${inTime.length} of ${judged.length}`,
    spread: countVerdicts(judged.map(({ verdict }) => verdict)),
    n: judged.length,
    target: `at least ${wanted}`,
    outcome: inTime.length >= wanted ? 'pass' : 'fail',
  };
}

/** How often unchanged code was called something else; never is promised. */
export function unchangedFigure(what: string, judged: readonly JudgedChange[]): Figure {
  const wrong = judged.filter(({ verdict }) => verdict === 'improved' || verdict === 'regressed');
  return {
    what: `${what}: improved or regressed`,
    value: String(wrong.length),
    spread: countVerdicts(judged.map(({ verdict }) => verdict)),
    n: judged.length,
    target: 'none',
    outcome: wrong.length === 0 ? 'pass' : 'fail',
  };
}
