import { hasSignal, isOwnCode, nameOf, shareText } from './strategy-rule.ts';
import type { StrategyRule } from './strategy-rule.ts';

export const betterDataStructure: StrategyRule = {
  key: 'better-data-structure',
  layer: 'algorithm',
  title: 'Look up by key instead of searching',
  appliesTo(bottleneck) {
    if (!isOwnCode(bottleneck) || !hasSignal(bottleneck, 'nested-loops', 'search')) return null;
    const seen = hasSignal(bottleneck, 'nested-loops')
      ? 'its hottest line lies in nested loops'
      : 'its hot line searches an array';
    return { why: `${nameOf(bottleneck)} takes ${shareText(bottleneck)} and ${seen}.` };
  },
  how: 'Build a Map or Set once, keyed by what the inner loop compares, and look it up in the outer loop: O(n·m) becomes O(n+m). Keep the order and the handling of duplicates and missing keys exactly as they are.',
  tradeOffs: {
    complexity: 'low',
    correctness_risk: 'low',
    operational_risk: 'low',
    notes:
      'Takes memory for the index; keys that are objects or mixed types compare differently in a Map than with ==.',
  },
  affects: ['cpu_us_per_request', 'throughput_rps', 'latency_p95_ms'],
  needs: [],
  priorFractionOfCeiling: 0.9,
  validation:
    'validate_change must show less CPU per request, the outputs must be equal, and the function must leave the top of a new profile. Check with a larger input too: the gain grows with it.',
};
