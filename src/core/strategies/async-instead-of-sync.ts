import { hasSignal, nameOf, shareText } from './strategy-rule.ts';
import type { StrategyRule } from './strategy-rule.ts';

export const asyncInsteadOfSync: StrategyRule = {
  key: 'async-instead-of-sync',
  layer: 'architecture',
  title: 'The asynchronous form of a blocking call',
  appliesTo(bottleneck) {
    if (!hasSignal(bottleneck, 'crypto', 'compression', 'sync-io')) return null;
    return {
      why: `${nameOf(bottleneck)} spends ${shareText(bottleneck)} in synchronous calls that Node.js also offers on its thread pool.`,
    };
  },
  how: 'pbkdf2, scrypt, gzip, brotliCompress, fs.promises and execFile in place of their Sync forms; await them, and make the callers async up to the handler. Raise UV_THREADPOOL_SIZE (default 4) only if the pool itself queues.',
  tradeOffs: {
    complexity: 'medium',
    correctness_risk: 'low',
    operational_risk: 'low',
    notes:
      'Total CPU stays: throughput rises only with spare cores. Hashing of small inputs is faster synchronously.',
  },
  affects: ['event_loop_delay_p99_ms', 'latency_p99_ms', 'throughput_rps'],
  needs: ['async-processing'],
  priorFractionOfCeiling: 0.6,
  validation:
    'validate_change must show lower event-loop delay and tail latency; CPU per request is expected to stay equal.',
};
