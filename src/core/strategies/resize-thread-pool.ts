import { hasSignal } from './strategy-rule.ts';
import type { StrategyRule } from './strategy-rule.ts';

export const resizeThreadPool: StrategyRule = {
  key: 'resize-thread-pool',
  layer: 'infrastructure',
  title: 'A thread pool of the right size',
  appliesTo(bottleneck) {
    if (!hasSignal(bottleneck, 'thread-pool')) return null;
    return { why: `${bottleneck.title}.` };
  },
  how: 'UV_THREADPOOL_SIZE in the environment before Node.js starts: for work that waits (files, DNS) up to some dozens, for work that computes (crypto, compression) no more than the cores. Fewer tasks help more: keep what was read, look hosts up once (keep connections, a DNS cache).',
  tradeOffs: {
    complexity: 'low',
    correctness_risk: 'low',
    operational_risk: 'low',
    notes: 'Threads that compute take cores from the event loop; each has a stack of its own.',
  },
  affects: ['latency_p95_ms', 'latency_p99_ms', 'latency_p50_ms', 'throughput_rps'],
  needs: ['config-change'],
  priorFractionOfCeiling: 0.5,
  validation:
    'validate_change must show a shorter tail under the same load; CPU per request is expected to stay equal.',
};
