import { judgePlan, type PlanProblem } from '../database/judge-plan.ts';
import type { StatementPlan } from '../database/model.ts';
import type { Detector, Finding } from './detector.ts';
import { percent } from './finding.ts';
import { MANY_REQUESTS, measureStatement, shortStatement, takesTime } from './statement-time.ts';
import type { StatementTime } from './statement-time.ts';

const TITLES: Readonly<Record<PlanProblem['kind'], string>> = {
  'missing-index': 'no index for its condition',
  'filter-after-scan': 'an index that finds far more than it keeps',
  'bad-estimate': 'a plan chosen by a wrong estimate',
  spill: 'a sort or hash that does not fit into work_mem',
  'nested-loop': 'a nested loop over many rows',
};

/** A statement that takes time, and whose plan says why. */
export const slowQueryPlan: Detector = {
  id: 'slow-query-plan',
  title: 'Slow query by its plan',
  names: 'wait',
  detect(input) {
    return (input.database?.plans ?? []).flatMap((plan) => {
      const problems = judgePlan(plan);
      const [worst] = problems;
      const time = measureStatement(input, plan);
      if (worst === undefined || !takesTime(time)) return [];
      return [describe(plan, time, worst, problems)];
    });
  },
};

function describe(
  plan: StatementPlan,
  { share, ceilings, location, perRequest }: StatementTime,
  worst: PlanProblem,
  problems: readonly PlanProblem[],
): Finding {
  const { text, mode, executionMs } = plan;
  return {
    kind: slowQueryPlan.id,
    title: `${percent(share.value)} of the ${share.of} is one statement with ${TITLES[worst.kind]}: ${shortStatement(text)}`,
    layer: 'data-access',
    location,
    share,
    ceilings,
    confidence: judge(plan, share, worst),
    signals: [
      'database',
      'slow-plan',
      ...problems.map(({ signal }) => signal),
      ...new Set(problems.map(({ kind }) => kind)),
    ],
    detail: [
      ...problems
        .slice(0, 4)
        .map(
          ({ text: what, shareOfPlan }) =>
            `${what}${shareOfPlan === null ? '' : ` (${percent(shareOfPlan)} of the plan's time)`}`,
        ),
      `${perRequest.toFixed(1)} executions a request${executionMs === null ? '' : `, ${executionMs.toFixed(1)} ms in the database for the one that was explained`}`,
      mode === 'analyze' ? 'executed once more, read-only and rolled back' : 'planned and not executed',
    ].join('\n'),
    confirm: confirmOf(worst),
  };
}

function judge({ mode }: StatementPlan, { n }: Finding['share'], worst: PlanProblem): Finding['confidence'] {
  const requests = `its share comes from ${n} traced requests`;
  if (mode === 'estimate') {
    return { level: 'medium', reason: `the plan is an estimate, nothing was executed; ${requests}` };
  }
  const measured = `measured in the database: ${worst.text}`;
  return { level: n >= MANY_REQUESTS ? 'high' : 'medium', reason: `${measured}; ${requests}` };
}

function confirmOf({ kind, signal }: PlanProblem): string {
  const [, place = ''] = /^[\w-]+:(.+)$/.exec(signal) ?? [];
  switch (kind) {
    case 'missing-index':
      return `On a copy, CREATE INDEX ON ${place} and ask for the plan again: an index scan confirms it. A condition that most rows meet refutes it.`;
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
