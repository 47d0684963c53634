import type { Estimates, ObjectiveStatus, PooledLatency } from '../core/model/measurement.ts';
import { METRIC_NAMES, METRICS } from '../core/model/metrics.ts';
import { formatValue, formatEffect, formatMetric, formatMetricEstimate } from './number.ts';

const STATUS = {
  met: 'met',
  missed: 'MISSED',
  too_close_to_call: 'too close to call',
  not_measured: 'not measured',
} as const;

export function describeObjectives(objectives: readonly ObjectiveStatus[]): string {
  return objectives
    .map((o) => {
      const target = `${o.bound === 'max' ? '<=' : '>='} ${formatMetric(o.metric, o.target)}`;
      return `${STATUS[o.status]}: ${METRICS[o.metric].title} ${target}, measured ${formatMetricEstimate(o.metric, o.value, o.interval)}, n=${o.n}`;
    })
    .join('\n');
}

/** One line a metric: median over processes, interval, and what a validation of this effort would resolve. */
export function describeEstimates(estimates: Estimates): string {
  const lines = METRIC_NAMES.flatMap((name) => {
    const estimate = estimates[name];
    if (!estimate) return [];
    const resolves =
      estimate.resolvable_effect === null
        ? ''
        : `, resolves ${formatEffect(name, estimate.resolvable_effect)}`;
    return [
      `${METRICS[name].title}: ${formatMetricEstimate(name, estimate.value, estimate.interval)}${resolves}`,
    ];
  });
  const first = Object.values(estimates)[0];
  const confidence =
    first?.confidence === null || first?.confidence === undefined
      ? ''
      : `, ${Math.round(first.confidence * 100)} % intervals`;
  return first ? [`medians of ${first.n} processes${confidence}:`, ...lines].join('\n') : '';
}

/** The far tail, which no single process can show; without an interval, because requests are not independent samples. */
export function describePooledLatency(pooled: PooledLatency): string {
  const ms = (value: number) => formatValue(value, 'ms');
  return `all ${pooled.requests} open-loop requests pooled (no interval): p50 ${ms(pooled.p50_ms)}, p95 ${ms(pooled.p95_ms)}, p99 ${ms(pooled.p99_ms)}, p99.9 ${ms(pooled.p999_ms)}, max ${ms(pooled.max_ms)}`;
}
