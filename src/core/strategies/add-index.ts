import { findSignal, hasSignal, nameOfWait } from './strategy-rule.ts';
import type { StrategyRule } from './strategy-rule.ts';

export const addIndex: StrategyRule = {
  key: 'add-index',
  layer: 'data-access',
  title: 'The index that the plan lacks',
  appliesTo(bottleneck) {
    const missing = findSignal(bottleneck, 'missing-index:');
    const isPlan = bottleneck.kind === 'slow-query-plan' && !hasSignal(bottleneck, 'unusable-index');
    if (missing === undefined && !isPlan) return null;
    return { why: `${nameOfWait(bottleneck)}: ${describeIndex(missing)}.` };
  },
  how: 'Create the index in a migration (PostgreSQL: CREATE INDEX CONCURRENTLY, outside of a transaction), with the columns that are compared for equality first, then the one that is sorted or ranged over. ANALYZE the table, and look at the plan again with values as production has them.',
  tradeOffs: {
    complexity: 'low',
    correctness_risk: 'low',
    operational_risk: 'medium',
    notes:
      'Each write keeps the index up to date; building it takes time, disk and a lock without CONCURRENTLY. The planner leaves it unused on small tables and for values that most rows have.',
  },
  affects: ['latency_p95_ms', 'latency_p99_ms', 'latency_p50_ms', 'throughput_rps', 'execution_ms'],
  needs: ['schema-change'],
  priorFractionOfCeiling: 0.9,
  validation:
    'The plan must use the index, and validate_change must show lower latency at the real data volume; the rate of writes is a guardrail.',
};

function describeIndex(missing: string | undefined): string {
  return missing === undefined
    ? 'its plan reads more than it gives'
    : `nothing finds ${missing} without reading the table`;
}
