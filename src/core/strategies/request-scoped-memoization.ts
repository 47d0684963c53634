import { hasSignal } from './strategy-rule.ts';
import type { StrategyRule } from './strategy-rule.ts';

export const requestScopedMemoization: StrategyRule = {
  key: 'request-scoped-memoization',
  layer: 'data-access',
  title: 'Ask once in a request',
  appliesTo(bottleneck) {
    if (!hasSignal(bottleneck, 'duplicate')) return null;
    return { why: `${bottleneck.title}: the first answer could have been kept until the request ends.` };
  },
  how: 'Load it once and pass it on; where the askers are far apart, a Map that belongs to the request (its context, AsyncLocalStorage), keyed by everything the question depends on. Keep the promise and not the value, so that two askers at once share one call.',
  tradeOffs: {
    complexity: 'low',
    correctness_risk: 'low',
    operational_risk: 'low',
    notes:
      'A write within the request must drop what it changes. It ends with the request, so nothing gets stale beyond it.',
  },
  affects: [
    'latency_p95_ms',
    'latency_p99_ms',
    'latency_p50_ms',
    'throughput_rps',
    'queries_per_op',
    'cpu_us_per_request',
  ],
  needs: [],
  priorFractionOfCeiling: 0.9,
  validation:
    'validate_change must show lower latency with equal answers, one call for each input in a trace.',
};
