import { hasSignal } from './strategy-rule.ts';
import type { StrategyRule } from './strategy-rule.ts';

export const resizePool: StrategyRule = {
  key: 'resize-pool',
  layer: 'infrastructure',
  title: 'A pool of the right size',
  appliesTo(bottleneck) {
    if (!hasSignal(bottleneck, 'pool')) return null;
    return { why: `${bottleneck.title}.` };
  },
  how: 'Find out first how long a connection is held, and shorten that. Then raise the limit of the pool step by step, up to a small multiple of the cores of the database; all processes together must stay under its own limit. Set a time after which waiting for a connection fails.',
  tradeOffs: {
    complexity: 'low',
    correctness_risk: 'low',
    operational_risk: 'medium',
    notes:
      'Beyond what the database can do at once, more connections make every query slower. Each connection of PostgreSQL is a process with memory of its own.',
  },
  affects: ['latency_p95_ms', 'latency_p99_ms', 'latency_p50_ms', 'throughput_rps'],
  needs: ['config-change'],
  priorFractionOfCeiling: 0.6,
  validation:
    'validate_change must show less waiting at the same load, with statements as fast as before; latency of the tail is where it shows.',
};
