import { hasSignal } from './strategy-rule.ts';
import type { StrategyRule } from './strategy-rule.ts';

export const clusterOrReplicas: StrategyRule = {
  key: 'cluster-or-replicas',
  layer: 'infrastructure',
  title: 'One process per core',
  appliesTo(bottleneck) {
    if (!hasSignal(bottleneck, 'single-core')) return null;
    return { why: `${bottleneck.title}: one JavaScript thread is the limit of capacity.` };
  },
  how: 'Several processes behind one port (node:cluster, a process manager, or replicas of the container with one core each). State in memory (sessions, caches, counters, locks) must move out or be made harmless first.',
  tradeOffs: {
    complexity: 'medium',
    correctness_risk: 'medium',
    operational_risk: 'medium',
    notes:
      'Memory and database connections multiply by the number of processes; cost per request does not fall.',
  },
  affects: ['throughput_rps', 'latency_p99_ms'],
  needs: ['parallelism', 'config-change', 'more-memory'],
  priorFractionOfCeiling: 0.7,
  validation:
    'validate_change must show higher throughput with the load generator not the limit; memory and error rate are guardrails.',
};
