import { judgePlan, type PlanProblem } from '../database/judge-plan.ts';
import type { StatementPlan } from '../database/model.ts';
import type { Detector, Finding } from './detector.ts';
import { percent } from './finding.ts';
import { confirmProblem, describeProblems, PLAN_PROBLEMS, signalsOf } from './plan-problem.ts';
import { shortenStatement } from './shorten-statement.ts';
import { judgeStatement } from './statement-by-itself.ts';
import { MANY_REQUESTS, measureStatement, takesTime } from './statement-time.ts';
import type { StatementTime } from './statement-time.ts';

/** A statement that takes time, and whose plan says why. */
export const slowQueryPlan: Detector = {
  id: 'slow-query-plan',
  title: 'Slow query by its plan',
  names: 'wait',
  detect(input) {
    if (input.database?.load === 'statement')
      return judgeStatement(input, input.database).map((finding) => ({ ...finding, kind: slowQueryPlan.id }));
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
    title: `${percent(share.value)} of the ${share.of} is one statement with ${PLAN_PROBLEMS[worst.kind]}: ${shortenStatement(text)}`,
    layer: 'data-access',
    location,
    share,
    ceilings,
    confidence: judge(plan, share, worst),
    signals: [...signalsOf(problems)],
    detail: [
      ...describeProblems(problems),
      `${perRequest.toFixed(1)} executions a request${executionMs === null ? '' : `, ${executionMs.toFixed(1)} ms in the database for the one that was explained`}`,
      mode === 'analyze' ? 'executed once more, read-only and rolled back' : 'planned and not executed',
    ].join('\n'),
    confirm: confirmProblem(worst),
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
