import { hasSignal, isOwnCode, nameOf, shareText } from './strategy-rule.ts';
import type { StrategyRule } from './strategy-rule.ts';

export const cachePureResult: StrategyRule = {
  key: 'cache-pure-result',
  layer: 'architecture',
  title: 'Keep results of a pure function',
  appliesTo(bottleneck) {
    // A derived key must be computed again each time: a kept password hash is a leak.
    if (!isOwnCode(bottleneck) || hasSignal(bottleneck, 'crypto')) return null;
    return {
      why: `${nameOf(bottleneck)} takes ${shareText(bottleneck)}; if the same inputs come again, its results can be kept.`,
    };
  },
  how: 'Only when the result depends on the arguments alone, or on data whose changes are seen: a bounded map (least recently used) with a key of everything the result depends on, and invalidation where that data changes. Measure the hit rate with representative traffic first.',
  tradeOffs: {
    complexity: 'medium',
    correctness_risk: 'high',
    operational_risk: 'medium',
    notes:
      'Stale or mixed-up answers are the classic failure; memory grows; a benchmark that repeats one request overstates the gain.',
  },
  affects: ['cpu_us_per_request', 'latency_p95_ms', 'throughput_rps'],
  needs: ['cache', 'more-memory'],
  priorFractionOfCeiling: 0.5,
  validation:
    'validate_change with requests whose inputs vary as in production; peak memory is a guardrail, and a test must see fresh data after a write.',
};
