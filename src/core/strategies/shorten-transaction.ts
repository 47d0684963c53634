import { hasSignal } from './strategy-rule.ts';
import type { StrategyRule } from './strategy-rule.ts';

export const shortenTransaction: StrategyRule = {
  key: 'shorten-transaction',
  layer: 'data-access',
  title: 'Transactions that hold less, for shorter',
  appliesTo(bottleneck) {
    if (!(hasSignal(bottleneck, 'long-transaction') || bottleneck.kind === 'lock-contention')) return null;
    return {
      why: `${bottleneck.title}: its locks and its connection are taken from everybody else meanwhile.`,
    };
  },
  how: 'Read and compute before BEGIN, call other services after COMMIT (with an outbox table when both must happen or neither), and put the statement that locks what everybody wants last. Change rows in one order everywhere. A counter that everybody updates can be added up from rows of its own.',
  tradeOffs: {
    complexity: 'medium',
    correctness_risk: 'high',
    operational_risk: 'low',
    notes:
      'What was atomic may no longer be: decide what happens when the call fails after the commit, and what may change between reading and BEGIN.',
  },
  affects: ['latency_p95_ms', 'latency_p99_ms', 'latency_p50_ms', 'throughput_rps'],
  needs: [],
  priorFractionOfCeiling: 0.7,
  validation:
    'validate_change at the real concurrency must show a shorter tail with equal results, and a test must cover the failure between the steps.',
};
