import { hasSignal, nameOfWait } from './strategy-rule.ts';
import type { StrategyRule } from './strategy-rule.ts';

export const timeouts: StrategyRule = {
  key: 'timeouts',
  layer: 'architecture',
  title: 'A limit to waiting',
  appliesTo(bottleneck) {
    if (!hasSignal(bottleneck, 'slow-outbound', 'retries')) return null;
    return { why: `${nameOfWait(bottleneck)} can hold a request as long as it likes.` };
  },
  how: "Give each outbound call a deadline a little over its usual 99th percentile (AbortSignal.timeout), shorter than the caller's own, and decide what is answered when it passes: the last known value, an answer without that part, or an error. What can be answered later belongs into a queue.",
  tradeOffs: {
    complexity: 'low',
    correctness_risk: 'medium',
    operational_risk: 'low',
    notes:
      'It bounds the tail and leaves the median as it is; a deadline too short turns slowness into errors.',
  },
  affects: ['latency_p99_ms', 'latency_p95_ms'],
  needs: [],
  priorFractionOfCeiling: 0.3,
  validation: 'validate_change must show a shorter tail; error rate is a guardrail.',
};
