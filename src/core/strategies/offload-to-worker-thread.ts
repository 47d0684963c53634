import { hasSignal, isWaiting, nameOf, shareText } from './strategy-rule.ts';
import type { StrategyRule } from './strategy-rule.ts';

export const offloadToWorkerThread: StrategyRule = {
  key: 'offload-to-worker-thread',
  layer: 'architecture',
  title: 'Run long computations in worker threads',
  appliesTo(bottleneck) {
    const heavy =
      hasSignal(bottleneck, 'blocking') ||
      (bottleneck.share.value >= 0.3 && bottleneck.location.function !== undefined && !isWaiting(bottleneck));
    if (!heavy || hasSignal(bottleneck, 'single-core')) return null;
    return {
      why: `${nameOf(bottleneck)} takes ${shareText(bottleneck)} on the thread that serves every other request.`,
    };
  },
  how: 'A small pool of workers (node:worker_threads, at most the number of spare cores), plain data in and out, transfer of ArrayBuffers instead of copies, a bounded queue that refuses when it is full. Only for work that takes longer than handing it over, about 1 ms.',
  tradeOffs: {
    complexity: 'high',
    correctness_risk: 'medium',
    operational_risk: 'medium',
    notes:
      'CPU per request does not fall, it rises by the copying; needs spare cores; errors and cancellation cross a thread boundary.',
  },
  affects: ['event_loop_delay_p99_ms', 'latency_p99_ms', 'throughput_rps'],
  needs: ['parallelism', 'more-memory'],
  priorFractionOfCeiling: 0.5,
  validation:
    'validate_change must show lower tail latency or event-loop delay; CPU per request and memory are guardrails.',
};
