import { hasSignal } from './strategy-rule.ts';
import type { StrategyRule } from './strategy-rule.ts';

export const joinOrBatchQueries: StrategyRule = {
  key: 'join-or-batch-queries',
  layer: 'data-access',
  title: 'One question in place of many',
  appliesTo(bottleneck) {
    if (!hasSignal(bottleneck, 'n-plus-one')) return null;
    return { why: `${bottleneck.title}: their number grows with the size of the answer.` };
  },
  how: 'Collect the keys first and ask once: a join, IN or = ANY($1) with a list, or an endpoint that takes several ids; then put the rows to their owners with a Map. A loader that gathers the keys of one tick (DataLoader) does it where the calls are far apart. Sending them together instead shortens the wait, and crowds the pool.',
  tradeOffs: {
    complexity: 'medium',
    correctness_risk: 'low',
    operational_risk: 'low',
    notes:
      'Order, duplicates and missing rows must come out as before; very long lists need chunks. In an ORM it is an option of the query (include, with, populate).',
  },
  affects: [
    'latency_p95_ms',
    'latency_p99_ms',
    'latency_p50_ms',
    'throughput_rps',
    'queries_per_op',
    'outbound_calls_per_op',
  ],
  needs: [],
  priorFractionOfCeiling: 0.8,
  validation:
    'validate_change must show lower latency with equal answers, for a large page and for an empty one; queries per request must no longer grow with the page.',
};
