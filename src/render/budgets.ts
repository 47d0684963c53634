import type { Budget, BudgetOutcome } from '../core/model/guard.ts';
import { METRICS } from '../core/model/metrics.ts';
import { formatMetric, formatMetricEstimate } from './number.ts';

export function describeBudgets(budgets: readonly Budget[]): string {
  return budgets
    .map((b) => {
      const limit =
        b.max === undefined
          ? `>= ${formatMetric(b.metric, b.min ?? 0)}`
          : `<= ${formatMetric(b.metric, b.max)}`;
      return `${b.id}: ${METRICS[b.metric].title} ${limit}, from ${b.provenance.text}`;
    })
    .join('\n');
}

export function summarizeOutcomes(
  outcome: BudgetOutcome['outcome'],
  outcomes: readonly BudgetOutcome[],
): string {
  const count = (wanted: BudgetOutcome['outcome']) => outcomes.filter((o) => o.outcome === wanted).length;
  const parts = (['pass', 'fail', 'inconclusive', 'invalid'] as const)
    .filter((wanted) => count(wanted) > 0)
    .map((wanted) => `${count(wanted)} ${wanted}`);
  return `${outcome.toUpperCase()}: ${parts.join(', ')} of ${outcomes.length} budgets.`;
}

export function describeOutcomes(outcomes: readonly BudgetOutcome[]): string {
  return outcomes
    .map((o) => {
      const limit = `${o.bound === 'max' ? '<=' : '>='} ${formatMetric(o.metric, o.limit)}`;
      const why = o.outcome === 'pass' ? '' : `: ${o.reason}`;
      return `${o.outcome} ${o.budget_id}: ${METRICS[o.metric].title} ${limit}, measured ${formatMetricEstimate(o.metric, o.value, o.interval)}, n=${o.n}${why}`;
    })
    .join('\n');
}
