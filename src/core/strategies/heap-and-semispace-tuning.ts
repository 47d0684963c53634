import { hasSignal } from './strategy-rule.ts';
import type { StrategyRule } from './strategy-rule.ts';

export const heapAndSemispaceTuning: StrategyRule = {
  key: 'heap-and-semispace-tuning',
  layer: 'infrastructure',
  title: 'A larger young generation',
  appliesTo(bottleneck) {
    if (!hasSignal(bottleneck, 'gc')) return null;
    return { why: `${bottleneck.title}; a young generation of 16 MiB fills fast under load.` };
  },
  how: 'Start with NODE_OPTIONS=--max-semi-space-size=64 (MiB; three times that is reserved), so that short-lived objects die before they are copied. Set --max-old-space-size to fit the container. No code changes, so it is a quick test of the diagnosis too.',
  tradeOffs: {
    complexity: 'low',
    correctness_risk: 'low',
    operational_risk: 'medium',
    notes:
      'More memory for each process and thread; single pauses may get longer; does not help when the objects survive.',
  },
  affects: ['gc_share', 'cpu_us_per_request', 'throughput_rps', 'latency_p99_ms'],
  needs: ['config-change', 'more-memory'],
  priorFractionOfCeiling: 0.4,
  validation:
    'validate_change must show a lower gc_share and less CPU per request; peak memory is a guardrail.',
};
