import { findSignal } from './strategy-rule.ts';
import type { StrategyRule } from './strategy-rule.ts';

export const batchOrIndex: StrategyRule = {
  key: 'batch-or-index',
  layer: 'data-access',
  title: 'Fewer, indexed queries',
  appliesTo(bottleneck) {
    const client = findSignal(bottleneck, 'database-client:');
    const isClient = client !== undefined && bottleneck.location.package === client;
    if (!isClient) return null;
    return {
      why: `The database client ${client} itself is hot (${bottleneck.title}): its CPU grows with the number of queries and rows.`,
    };
  },
  how: 'Count the queries of one request. Replace one query per row by one with IN, ANY or a join; send independent ones together; look at the plan of the slowest (EXPLAIN) and add the index that it lacks.',
  tradeOffs: {
    complexity: 'medium',
    correctness_risk: 'low',
    operational_risk: 'medium',
    notes:
      'An index costs writes and disk, and building it may lock the table; very large IN lists have limits of their own.',
  },
  affects: ['latency_p95_ms', 'cpu_us_per_request', 'throughput_rps'],
  needs: ['schema-change'],
  priorFractionOfCeiling: 0.6,
  validation:
    'validate_change must show lower latency and CPU per request with equal answers at the real data volume.',
};
