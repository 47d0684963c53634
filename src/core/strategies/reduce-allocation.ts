import { findSignal, hasSignal } from './strategy-rule.ts';
import type { StrategyRule } from './strategy-rule.ts';

export const reduceAllocation: StrategyRule = {
  key: 'reduce-allocation',
  layer: 'algorithm',
  title: 'Allocate less, or keep less alive',
  appliesTo(bottleneck) {
    if (!hasSignal(bottleneck, 'gc')) return null;
    const candidate = findSignal(bottleneck, 'candidate:');
    return {
      why: `${bottleneck.title}${candidate === undefined ? '' : `; ${candidate} is the first candidate for what allocates`}.`,
    };
  },
  how: 'Find the allocating lines of the candidates: objects built per element, spreads in loops, intermediate arrays of map/filter chains, closures per call, strings joined piece by piece. Use one loop, plain numbers or typed arrays, reuse buffers, and keep only what is needed of what lives for several requests.',
  tradeOffs: {
    complexity: 'medium',
    correctness_risk: 'low',
    operational_risk: 'low',
    notes: 'Reused objects are shared state; pooling small objects usually costs more than it saves in V8.',
  },
  affects: ['gc_share', 'cpu_us_per_request', 'throughput_rps', 'latency_p99_ms'],
  needs: [],
  priorFractionOfCeiling: 0.6,
  validation:
    'validate_change must show a lower gc_share and less CPU per request, with peak memory no higher than before.',
};
