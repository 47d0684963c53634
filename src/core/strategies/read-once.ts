import { hasSignal, nameOf, shareText } from './strategy-rule.ts';
import type { StrategyRule } from './strategy-rule.ts';

export const readOnce: StrategyRule = {
  key: 'read-once',
  layer: 'data-access',
  title: 'Read files once instead of for each request',
  appliesTo(bottleneck) {
    if (!hasSignal(bottleneck, 'sync-io')) return null;
    return {
      why: `Synchronous I/O in ${nameOf(bottleneck)} takes ${shareText(bottleneck)}, and everything else waits for it.`,
    };
  },
  how: 'Load at start-up what does not change while the process lives (templates, configuration, certificates); for what does, keep the content and read again when the modification time changes, at most once a second.',
  tradeOffs: {
    complexity: 'low',
    correctness_risk: 'low',
    operational_risk: 'low',
    notes: 'Edits of the files need a restart or a check; the content stays in memory.',
  },
  affects: ['cpu_us_per_request', 'latency_p95_ms', 'throughput_rps'],
  needs: ['cache'],
  priorFractionOfCeiling: 0.9,
  validation: 'validate_change must show less CPU per request and lower tail latency, with equal answers.',
};
