import { findSignal, nameOfWait } from './strategy-rule.ts';
import type { StrategyRule } from './strategy-rule.ts';

export const compareBareColumn: StrategyRule = {
  key: 'compare-bare-column',
  layer: 'data-access',
  title: 'Compare the column itself',
  appliesTo(bottleneck) {
    const column = findSignal(bottleneck, 'unusable-index:');
    if (column === undefined) return null;
    return {
      why: `${nameOfWait(bottleneck)}: it compares a function of ${column}, and an index holds the column as it is.`,
    };
  },
  how: 'Put the function on the other side: a day or a month becomes a range (column >= start AND column < end), a cast is done to the parameter. Where the function cannot move (lower(email)), index the expression instead, or store its result in a column.',
  tradeOffs: {
    complexity: 'low',
    correctness_risk: 'medium',
    operational_risk: 'low',
    notes:
      'Bounds of a range, time zones and collation decide about the rows at its ends: the answers must be compared. Without an index on the column nothing is gained.',
  },
  affects: ['latency_p50_ms', 'latency_p95_ms', 'latency_p99_ms', 'throughput_rps', 'execution_ms'],
  needs: [],
  priorFractionOfCeiling: 0.9,
  validation:
    'The plan must search in place of the scan, and validate_change must show less time with the same rows at the real data volume.',
};
