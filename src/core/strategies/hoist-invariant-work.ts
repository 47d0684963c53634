import { hasSignal, isOwnCode, nameOf, shareText } from './strategy-rule.ts';
import type { StrategyRule } from './strategy-rule.ts';

export const hoistInvariantWork: StrategyRule = {
  key: 'hoist-invariant-work',
  layer: 'algorithm',
  title: 'Do work once that gives the same result each time',
  appliesTo(bottleneck) {
    const repeated = hasSignal(
      bottleneck,
      'json',
      'clone',
      'sort',
      'sync-io',
      'regexp',
      'intl',
      'compile',
      'loop',
      'nested-loops',
    );
    // Any hot function may do the same again and again (a formatter, a pattern, an index built for each call); signals only
    // make it likelier.
    if (!isOwnCode(bottleneck) || !(repeated || bottleneck.kind === 'hot-function')) return null;
    return {
      why: `${nameOf(bottleneck)} takes ${shareText(bottleneck)}; if its input does not change between requests (or turns of its loop), the work can move to start-up or before the loop.`,
    };
  },
  how: 'Find what the result depends on. What depends on nothing of the request moves to module level or start-up; what depends on the outer loop only moves out of the inner one: compiled patterns, parsed files, sorted copies, serialized constants.',
  tradeOffs: {
    complexity: 'low',
    correctness_risk: 'medium',
    operational_risk: 'low',
    notes:
      'Wrong as soon as the input can change while the process lives; a shared result must not be mutated by callers.',
  },
  affects: ['cpu_us_per_request', 'throughput_rps', 'latency_p95_ms'],
  needs: [],
  priorFractionOfCeiling: 0.8,
  validation:
    'validate_change must show less CPU per request; a test must change the input after the first request and see the new result.',
};
