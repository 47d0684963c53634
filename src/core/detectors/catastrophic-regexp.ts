import { judgePattern } from './judge-pattern.ts';
import { detectWork } from './work-in-function.ts';
import type { Refinement } from './work-in-function.ts';
import type { SeenWork } from './source-reading.ts';

/** A hot regular expression that backtracks: for some texts its time grows with a power of their length, or doubles. */
export const catastrophicRegexp = detectWork({
  id: 'catastrophic-regexp',
  title: 'Regular expression that backtracks',
  categories: ['regexp'],
  layer: 'algorithm',
  subject: 'A regular expression that backtracks',
  confirm: (place) =>
    `Time the pattern in ${place} on the text of "detail" with 10, 20 and 30 repetitions: time that doubles or grows with a power confirms backtracking, linear growth refutes it.`,
  refine: (work) => describeBacktracking(work) ?? null,
});

/** Null-free: undefined where no pattern that ran backtracks. */
export function describeBacktracking(work: readonly SeenWork[]): Refinement | undefined {
  const judged = [...new Set(work.flatMap(({ patterns }) => patterns))]
    .map((pattern) => ({ pattern, ...judgePattern(pattern) }))
    .filter(({ growth }) => growth === 'exponential' || growth === 'polynomial');
  if (judged.length === 0) return undefined;
  const exponential = judged.some(({ growth }) => growth === 'exponential');
  return {
    signals: ['backtracking', ...(exponential ? ['nested-quantifier'] : [])],
    detail: judged
      .slice(0, 3)
      .map(
        ({ pattern, growth, repeat }) =>
          `${growth === 'exponential' ? 'exponential' : 'polynomial'}: /${pattern.slice(0, 160)}/ on texts that repeat ${JSON.stringify(repeat)} and then do not match`,
      )
      .join('\n'),
  };
}
