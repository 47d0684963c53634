import { createHash } from 'node:crypto';
import { InputError } from '../errors.ts';
import { compareToLimit } from '../measurement/objectives.ts';
import type { Budget, BudgetOutcome } from '../model/guard.ts';
import type { Objective } from '../model/goals.ts';
import type { Baseline, Estimate, Estimates } from '../model/measurement.ts';
import { METRICS, type MetricName } from '../model/metrics.ts';

/** The limit that a person set as a goal: it holds on every machine. */
export function budgetFromGoal(
  objective: Objective,
  baseline: Baseline | undefined,
  createdAt: string,
): Budget {
  return {
    id: budgetId(objective.workload, objective.metric),
    workload: objective.workload,
    metric: objective.metric,
    ...(objective.max === undefined ? { min: objective.min } : { max: objective.max }),
    provenance: {
      from: 'goal',
      id: baseline?.id ?? null,
      estimate: baseline?.estimates[objective.metric] ?? null,
      machine: baseline?.machine.id ?? null,
      text: `the objective in goals.json${baseline ? `; measured in ${baseline.id}` : ', not measured yet'}`,
    },
    created_at: createdAt,
  };
}

/**
 * The limit that today's code keeps: the bad end of the baseline's interval and the minimum effect beyond it, so that noise
 * of the size that was seen does not break it. Bound to the machine that it was measured on.
 */
export function budgetFromBaseline(baseline: Baseline, metric: MetricName, createdAt: string): Budget {
  const estimate = baseline.estimates[metric];
  if (!estimate) {
    throw new InputError('nothing_to_guard', `Baseline ${baseline.id} has no ${metric}.`, {
      fix: `It has: ${Object.keys(baseline.estimates).join(', ')}.`,
    });
  }
  const { better, scale, minimumEffect } = METRICS[metric];
  const [low, high] = estimate.interval ?? [estimate.value, estimate.value];
  const bad = better === 'lower' ? high : low;
  const sign = better === 'lower' ? 1 : -1;
  const limit = scale === 'ratio' ? bad * (1 + sign * minimumEffect) : bad + sign * minimumEffect;
  return {
    id: budgetId(baseline.workload, metric),
    workload: baseline.workload,
    metric,
    ...(better === 'lower' ? { max: roundUp(limit) } : { min: -roundUp(-limit) }),
    provenance: {
      from: 'baseline',
      id: baseline.id,
      estimate,
      machine: baseline.machine.id,
      text: `the end of the interval of ${baseline.id} and the minimum effect beyond it`,
    },
    created_at: createdAt,
  };
}

export function budgetByHand(
  workload: string,
  metric: MetricName,
  limit: { readonly max?: number; readonly min?: number },
  createdAt: string,
): Budget {
  return {
    id: budgetId(workload, metric),
    workload,
    metric,
    ...(limit.max === undefined ? { min: limit.min } : { max: limit.max }),
    provenance: { from: 'manual', id: null, estimate: null, machine: null, text: 'set by hand' },
    created_at: createdAt,
  };
}

/** An id of a record in a committed file has at most this many characters (NAME in model/goals.ts). */
const MAX_ID = 64;

/**
 * One budget for each metric of a workload: a new one takes the place of the old. A long name is shortened by a hash, so that
 * neither two metrics nor two workloads ever share a budget.
 */
export function budgetId(workload: string, metric: MetricName): string {
  const id = `${workload}-${metric}`;
  if (id.length <= MAX_ID) return id;
  const mark = createHash('sha256').update(workload).digest('hex').slice(0, 8);
  return `${workload.slice(0, MAX_ID - metric.length - mark.length - 2)}-${mark}-${metric}`;
}

/** Four digits: a limit that a person can read in a pull request; never tighter than what was reckoned. */
function roundUp(limit: number): number {
  const rounded = Number(limit.toPrecision(4));
  // Sums of decimal fractions miss by a last bit.
  if (rounded >= limit - Math.abs(limit) * 1e-9) return rounded;
  const step = 10 ** (Math.floor(Math.log10(Math.abs(rounded))) - 3);
  return Number((rounded + step).toPrecision(4));
}

/** Pass and fail need the whole interval on one side of the limit; all else is inconclusive, never a guess. */
export function judgeBudget(budget: Budget, estimates: Estimates, machineId: string): BudgetOutcome {
  const bound = budget.max === undefined ? 'min' : 'max';
  const limit = budget.max ?? budget.min ?? 0;
  const estimate: Estimate | undefined = estimates[budget.metric];
  const outcome = {
    budget_id: budget.id,
    workload: budget.workload,
    metric: budget.metric,
    bound,
    limit,
    value: estimate?.value ?? null,
    interval: estimate?.interval ?? null,
    n: estimate?.n ?? 0,
  } as const;
  if (!estimate)
    return { ...outcome, outcome: 'invalid', reason: 'the metric was not measured in every process' };
  const position = compareToLimit(estimate.interval, bound, limit);
  if (position === 'met')
    return { ...outcome, outcome: 'pass', reason: 'the whole interval keeps the limit' };
  if (position === 'too_close_to_call') {
    return {
      ...outcome,
      outcome: 'inconclusive',
      reason: 'the interval includes the limit; more effort would narrow it',
    };
  }
  const { from, machine } = budget.provenance;
  if (from === 'baseline' && machine !== null && machine !== machineId) {
    return {
      ...outcome,
      outcome: 'inconclusive',
      reason:
        'beyond the limit, but that was measured on another machine: measure a baseline here, or set the limit as a goal',
    };
  }
  return { ...outcome, outcome: 'fail', reason: 'the whole interval is beyond the limit' };
}
