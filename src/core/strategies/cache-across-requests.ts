import { hasSignal } from './strategy-rule.ts';
import type { StrategyRule } from './strategy-rule.ts';

export const cacheAcrossRequests: StrategyRule = {
  key: 'cache-across-requests',
  layer: 'architecture',
  title: 'Keep answers between requests',
  appliesTo(bottleneck) {
    if (!hasSignal(bottleneck, 'cacheable')) return null;
    return { why: `${bottleneck.title}.` };
  },
  how: 'First agree how old an answer may be, and who may see whose. Then a bounded map in the process with a time to live, keyed by everything the answer depends on, one call for askers at once, and removal where the data is written. Shared caches and HTTP caching come after that, when several processes need the same.',
  tradeOffs: {
    complexity: 'medium',
    correctness_risk: 'high',
    operational_risk: 'medium',
    notes:
      'Stale or mixed-up answers are the classic failure. The load that was measured may repeat itself more than real users do; measure the hit rate with representative traffic.',
  },
  affects: [
    'latency_p95_ms',
    'latency_p99_ms',
    'latency_p50_ms',
    'throughput_rps',
    'queries_per_op',
    'cpu_us_per_request',
  ],
  needs: ['cache', 'more-memory'],
  priorFractionOfCeiling: 0.5,
  validation:
    'validate_change with requests that vary as in production; a test must see fresh data after a write; peak memory is a guardrail.',
};
