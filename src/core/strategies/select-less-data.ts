import { findSignal, hasSignal, isWaiting, nameOf, shareText } from './strategy-rule.ts';
import type { StrategyRule } from './strategy-rule.ts';

export const selectLessData: StrategyRule = {
  key: 'select-less-data',
  layer: 'data-access',
  title: 'Ask the database for less',
  appliesTo(bottleneck) {
    if (hasSignal(bottleneck, 'over-fetching')) return { why: `${bottleneck.title}.` };
    if (isWaiting(bottleneck)) return null;
    const client = findSignal(bottleneck, 'database-client:');
    if (client === undefined || bottleneck.location.function === undefined) return null;
    return {
      why: `${client} runs in this service, and ${nameOf(bottleneck)} takes ${shareText(bottleneck)}: rows and columns that are not fetched are neither decoded, looped over nor serialized.`,
    };
  },
  how: 'Name the columns that are used, filter, sort, aggregate and page in the query instead of in JavaScript, with a LIMIT that fits the answer.',
  tradeOffs: {
    complexity: 'low',
    correctness_risk: 'medium',
    operational_risk: 'low',
    notes:
      'Collation and null order of the database may differ from JavaScript; work moves to the database, which needs an index for it.',
  },
  affects: ['latency_p95_ms', 'cpu_us_per_request', 'throughput_rps'],
  needs: [],
  priorFractionOfCeiling: 0.5,
  validation: 'validate_change must show less CPU per request with equal answers at the real data volume.',
};
