import type { Goals, Objective } from '../model/goals.ts';
import type { Estimate, Estimates, ObjectiveStatus } from '../model/measurement.ts';
import { METRIC_NAMES, METRICS, type MetricName } from '../model/metrics.ts';

type Limit = Pick<Objective, 'workload' | 'metric'> & {
  readonly max?: number | undefined;
  readonly min?: number | undefined;
};

/** Met or missed only when the whole interval says so; a number without interval is too close to call. */
export function judgeObjectives(goals: Goals, workload: string, estimates: Estimates): ObjectiveStatus[] {
  return goals.objectives
    .filter((objective) => objective.workload === workload)
    .map((objective) => judgeLimit(objective, estimates[objective.metric]));
}

export function judgeLimit(objective: Limit, estimate: Estimate | undefined): ObjectiveStatus {
  const bound = objective.max === undefined ? 'min' : 'max';
  const target = objective.max ?? objective.min ?? 0;
  return {
    workload: objective.workload,
    metric: objective.metric,
    target,
    bound,
    status: estimate ? compareToLimit(estimate.interval, bound, target) : 'not_measured',
    value: estimate?.value ?? null,
    interval: estimate?.interval ?? null,
    n: estimate?.n ?? 0,
  };
}

export function compareToLimit(
  interval: readonly [number, number] | null,
  bound: 'max' | 'min',
  limit: number,
): 'met' | 'missed' | 'too_close_to_call' {
  if (interval === null) return 'too_close_to_call';
  const [low, high] = interval;
  if (bound === 'max') return high <= limit ? 'met' : low > limit ? 'missed' : 'too_close_to_call';
  return low >= limit ? 'met' : high < limit ? 'missed' : 'too_close_to_call';
}

/**
 * The metric that decides a verdict on a workload: the one the person marked, else the first missed objective, else the
 * first on speed, else what its kind of workload decides by.
 */
export function primaryMetric(
  goals: Goals,
  workload: string,
  statuses: readonly ObjectiveStatus[],
  otherwise: MetricName,
): MetricName {
  const own = goals.objectives.filter((objective) => objective.workload === workload);
  const marked = own.find((objective) => objective.primary === true);
  const missed = statuses.find((status) => status.status === 'missed' && status.metric !== 'error_rate');
  const speed = own.find(({ metric }) => 'isSpeed' in METRICS[metric]);
  return (marked ?? missed ?? speed)?.metric ?? otherwise;
}

/**
 * The wanted metric where it was measured, else what the kind decides by, else the first metric on speed that was measured: a
 * platform may not tell what a kind would decide by.
 */
export function measuredInstead(wanted: MetricName, otherwise: MetricName, estimates: Estimates): MetricName {
  // CPU time first: it is the steadiest of them (notes on statistics, section 2).
  const isCpu = (name: MetricName) => Number('cpuUs' in METRICS[name]);
  const speeds = METRIC_NAMES.filter((name) => 'isSpeed' in METRICS[name]).sort(
    (a, b) => isCpu(b) - isCpu(a),
  );
  return [wanted, otherwise, ...speeds].find((name) => estimates[name] !== undefined) ?? otherwise;
}
