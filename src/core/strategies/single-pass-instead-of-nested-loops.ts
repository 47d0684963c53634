import { hasSignal, isOwnCode, nameOf, shareText } from './strategy-rule.ts';
import type { StrategyRule } from './strategy-rule.ts';

export const singlePass: StrategyRule = {
  key: 'single-pass-instead-of-nested-loops',
  layer: 'algorithm',
  title: 'One pass instead of nested or repeated loops',
  appliesTo(bottleneck) {
    if (!isOwnCode(bottleneck) || !hasSignal(bottleneck, 'nested-loops', 'sort')) return null;
    const seen = hasSignal(bottleneck, 'nested-loops')
      ? 'loops over its input repeatedly'
      : 'sorts on the hot path';
    return { why: `${nameOf(bottleneck)} ${seen} and takes ${shareText(bottleneck)}.` };
  },
  how: 'Sort or group once outside of the path of a request, then walk the inputs together (merge, two pointers, running totals). For the k best of n keep a heap or a partial selection instead of sorting everything. Chains of map and filter over large arrays become one loop.',
  tradeOffs: {
    complexity: 'medium',
    correctness_risk: 'medium',
    operational_risk: 'low',
    notes: 'Boundary cases (ties, empty groups, unstable order) are where such rewrites go wrong.',
  },
  affects: ['cpu_us_per_request', 'throughput_rps', 'latency_p95_ms'],
  needs: [],
  priorFractionOfCeiling: 0.7,
  validation:
    'validate_change must show less CPU per request with equal outputs, ties and empty inputs included.',
};
