import { hasSignal, isOwnCode, nameOf, shareText } from './strategy-rule.ts';
import type { StrategyRule } from './strategy-rule.ts';

export const precomputeInBackground: StrategyRule = {
  key: 'precompute-in-background',
  layer: 'architecture',
  title: 'Compute off the path of a request',
  appliesTo(bottleneck) {
    if (!isOwnCode(bottleneck) || bottleneck.share.value < 0.2 || hasSignal(bottleneck, 'crypto'))
      return null;
    return {
      why: `${nameOf(bottleneck)} takes ${shareText(bottleneck)} while a request waits; a result of some seconds ago may do.`,
    };
  },
  how: 'Refresh the result on a timer or when the data changes, in a job or a worker, and serve the last finished one; say in the answer how old it is.',
  tradeOffs: {
    complexity: 'medium',
    correctness_risk: 'medium',
    operational_risk: 'medium',
    notes:
      'Answers are as old as the interval; the job needs its own monitoring, and costs CPU even without requests.',
  },
  affects: ['latency_p95_ms', 'throughput_rps', 'cpu_us_per_request'],
  needs: ['async-processing', 'cache'],
  priorFractionOfCeiling: 0.6,
  validation:
    'validate_change must show lower latency; the CPU of the background job belongs into CPU per request.',
};
