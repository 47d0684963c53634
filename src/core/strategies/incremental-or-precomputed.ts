import { hasSignal, isOwnCode, nameOf, shareText } from './strategy-rule.ts';
import type { StrategyRule } from './strategy-rule.ts';

export const incrementalOrPrecomputed: StrategyRule = {
  key: 'incremental-or-precomputed',
  layer: 'algorithm',
  title: 'Update a result instead of computing it again',
  appliesTo(bottleneck) {
    if (!isOwnCode(bottleneck) || !hasSignal(bottleneck, 'sort', 'nested-loops', 'loop')) return null;
    return {
      why: `${nameOf(bottleneck)} takes ${shareText(bottleneck)} in loops over data that probably changes less often than it is asked for.`,
    };
  },
  how: 'Keep the sorted, grouped or joined result and change it where the data changes (insert by binary search, adjust a running total), so that a request only reads it.',
  tradeOffs: {
    complexity: 'medium',
    correctness_risk: 'medium',
    operational_risk: 'low',
    notes:
      'Every path that writes the data must keep the result up to date; a missed one gives stale answers.',
  },
  affects: ['cpu_us_per_request', 'latency_p95_ms', 'throughput_rps'],
  needs: [],
  priorFractionOfCeiling: 0.8,
  validation:
    'validate_change must show less CPU per request; a test must interleave writes and reads and compare with the old computation.',
};
