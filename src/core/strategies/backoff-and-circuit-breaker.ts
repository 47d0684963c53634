import { hasSignal } from './strategy-rule.ts';
import type { StrategyRule } from './strategy-rule.ts';

export const backoffAndCircuitBreaker: StrategyRule = {
  key: 'backoff-and-circuit-breaker',
  layer: 'architecture',
  title: 'Fewer, later retries',
  appliesTo(bottleneck) {
    if (!hasSignal(bottleneck, 'retries')) return null;
    return { why: `${bottleneck.title}: the repeats add load where there is too much already.` };
  },
  how: 'Look first at why the first try fails. Then: at most one or two retries, in one layer only, for errors that may pass, after a pause that doubles and varies at random, within the time that the caller still has. A circuit breaker stops asking for a while when most calls fail, and a fallback answers.',
  tradeOffs: {
    complexity: 'medium',
    correctness_risk: 'medium',
    operational_risk: 'low',
    notes:
      'Fewer retries show more errors to users when failures are short; what is not safe to repeat must not be repeated at all.',
  },
  affects: ['latency_p95_ms', 'latency_p99_ms', 'latency_p50_ms', 'throughput_rps'],
  needs: [],
  priorFractionOfCeiling: 0.6,
  validation:
    'validate_change with the failing dependency must show a shorter tail; error rate is a guardrail.',
};
