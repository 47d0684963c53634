import type { PlanProblem } from '../database/judge-plan.ts';

/** What is said of a problem of a plan, whatever the statement is a part of. */

export const PLAN_PROBLEMS: Readonly<Record<PlanProblem['kind'], string>> = {
  'missing-index': 'no index for its condition',
  'unusable-index': 'a condition on a function of a column, which no index on the column can serve',
  'filter-after-scan': 'an index that finds far more than it keeps',
  'bad-estimate': 'a plan chosen by a wrong estimate',
  spill: 'a sort or hash that does not fit into work_mem',
  'nested-loop': 'a nested loop over many rows',
};

export function confirmProblem({ kind, signal }: PlanProblem): string {
  const [, place = ''] = /^[\w-]+:(.+)$/.exec(signal) ?? [];
  switch (kind) {
    case 'missing-index':
      return `On a copy, CREATE INDEX ON ${place} and ask for the plan again: an index scan confirms it. A condition that most rows meet refutes it.`;
    case 'unusable-index':
      return `Ask for a range of the column itself in place of a function of it (${place}), or on a copy index the expression: the plan must then search. A condition that most rows meet refutes it.`;
    case 'filter-after-scan':
      return `On a copy, make an index that has the filtered column as well (${place}) and compare the rows removed by the filter.`;
    case 'bad-estimate':
      return `ANALYZE the table, or CREATE STATISTICS on the columns of the condition, on a copy: the estimate must come near, and the plan change.`;
    case 'spill':
      return `SET LOCAL work_mem to some times the size that was written, in a session of yours, and explain again: the spill must vanish. Reading fewer rows or columns is the better remedy.`;
    case 'nested-loop':
      return `SET LOCAL enable_nestloop = off in a session of yours and explain again: if the plan gets faster, the estimate or a missing index is the cause.`;
  }
}

/** The words of each problem, with what of the plan's time it makes where that was measured. */
export function describeProblems(problems: readonly PlanProblem[]): readonly string[] {
  return problems
    .slice(0, 4)
    .map(
      ({ text, shareOfPlan }) =>
        `${text}${shareOfPlan === null ? '' : ` (${Math.round(shareOfPlan * 100)} % of the plan's time)`}`,
    );
}

/** What strategies match on. */
export function signalsOf(problems: readonly PlanProblem[]): readonly string[] {
  return [
    'database',
    'slow-plan',
    ...problems.map(({ signal }) => signal),
    ...new Set(problems.map(({ kind }) => kind)),
  ];
}
