import { judgePlan, type PlanProblem } from '../database/judge-plan.ts';
import type { DatabaseFacts, StatementPlan } from '../database/model.ts';
import type { MetricName } from '../model/metrics.ts';
import type { DetectorInput, Finding } from './detector.ts';
import { percent } from './finding.ts';
import { confirmProblem, describeProblems, PLAN_PROBLEMS, signalsOf } from './plan-problem.ts';
import { shortenStatement } from './shorten-statement.ts';

/** The statement is the whole load: what counts is which part of its own time a problem of its plan makes. */

export const SHARE_OF_STATEMENT = 'time of the statement in the database';
/** SQLite tells its way and no times: the part is somewhere between nothing and all. */
const SHARE_OF_UNTIMED = 'time of the statement, at most: its database tells no times';

/** Metrics that are time of executing the statement. */
const TIMES: readonly MetricName[] = ['wall_ms', 'wall_low_ms', 'execution_ms', 'cpu_ms'];

interface Judged {
  readonly plan: StatementPlan;
  readonly problems: readonly PlanProblem[];
}

/** One finding, of the parameter set whose plan has the gravest problem; the others tell how much that varies. */
export function judgeStatement(
  { metrics }: DetectorInput,
  { plans }: DatabaseFacts,
): readonly Omit<Finding, 'kind'>[] {
  const judged = plans.map((plan): Judged => ({ plan, problems: judgePlan(plan) }));
  const [gravest] = [...judged].sort((a, b) => weightOf(b) - weightOf(a));
  const worst = gravest?.problems[0];
  if (gravest === undefined || worst === undefined) return [];
  const { plan, problems } = gravest;
  const share = shareOf(worst, judged);
  const part = worst.shareOfPlan === null ? '' : `${percent(worst.shareOfPlan)} of its time: `;
  return [
    {
      title: `The statement has ${PLAN_PROBLEMS[worst.kind]}: ${part}${worst.text}`,
      layer: 'data-access',
      location: {
        statement: plan.text,
        fingerprint: plan.fingerprint,
        ...(plan.file === undefined ? {} : { file: plan.file }),
      },
      share,
      ceilings: worst.shareOfPlan === null ? [] : [...ceilingsOf(share, metrics)],
      confidence: confide(plan, judged.length),
      signals: [...signalsOf(problems)],
      detail: [
        ...describeProblems(problems),
        ...(plan.executionMs === null ? [] : [`${plan.executionMs.toFixed(1)} ms in the database`]),
        `${plans.length} parameter set${plans.length === 1 ? '' : 's'} ${plan.mode === 'analyze' ? 'executed once more, read-only and rolled back' : 'planned and not executed'}`,
        shortenStatement(plan.text),
      ].join('\n'),
      confirm: confirmProblem(worst),
    },
  ];
}

/** A part of a plan that takes 10 ms is worth less than the same part of one that takes a second. */
function weightOf({ plan, problems: [worst] }: Judged): number {
  if (worst === undefined) return -1;
  return worst.shareOfPlan === null ? 0 : worst.shareOfPlan * (plan.executionMs ?? 1);
}

function shareOf({ signal, shareOfPlan }: PlanProblem, judged: readonly Judged[]): Finding['share'] {
  if (shareOfPlan === null) return { value: 1, interval: [0, 1], of: SHARE_OF_UNTIMED, n: judged.length };
  // A set whose plan goes another way has nothing of it.
  const shares = judged.map(
    ({ problems }) => problems.find((problem) => problem.signal === signal)?.shareOfPlan ?? 0,
  );
  return {
    value: shareOfPlan,
    interval: [Math.min(...shares), Math.max(...shares)],
    of: SHARE_OF_STATEMENT,
    n: judged.length,
  };
}

function ceilingsOf(
  { value, interval }: Finding['share'],
  metrics: readonly MetricName[],
): Finding['ceilings'] {
  return metrics
    .filter((metric) => TIMES.includes(metric))
    .map((metric) => ({
      metric,
      gain: value,
      interval,
      assumes:
        'upper bound: this part of the plan vanishes and nothing takes its place; connection and transfer stay',
    }));
}

function confide({ mode }: StatementPlan, sets: number): Finding['confidence'] {
  return mode === 'analyze'
    ? {
        level: 'high',
        reason: `measured in the database, with ${sets} parameter set${sets === 1 ? '' : 's'}`,
      }
    : {
        level: 'medium',
        reason: 'the plan is what the database says it would do; nothing was executed for it',
      };
}
