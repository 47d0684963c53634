import type { StrategyRule } from './strategy-rule.ts';

export const runIndependentCallsTogether: StrategyRule = {
  key: 'run-independent-calls-together',
  layer: 'architecture',
  title: 'Independent calls at the same time',
  appliesTo(bottleneck) {
    if (bottleneck.kind !== 'serial-independent-calls') return null;
    return { why: `${bottleneck.title}.` };
  },
  how: 'Start the calls first, then wait for all of them with Promise.all, in the one function that needs the results. Not inside a transaction, not where a call uses or depends on what another does, and with a limit where a list decides how many there are.',
  tradeOffs: {
    complexity: 'low',
    correctness_risk: 'medium',
    operational_risk: 'medium',
    notes:
      'More connections are busy at once, so a small pool queues instead. If one call fails the others go on: decide what then happens to their results.',
  },
  affects: ['latency_p95_ms', 'latency_p99_ms', 'latency_p50_ms', 'throughput_rps'],
  needs: ['parallelism'],
  priorFractionOfCeiling: 0.6,
  validation:
    'validate_change must show lower latency with equal answers, and no more waiting for the pool under load.',
};
