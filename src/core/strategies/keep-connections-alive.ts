import { hasSignal } from './strategy-rule.ts';
import type { StrategyRule } from './strategy-rule.ts';

export const keepConnectionsAlive: StrategyRule = {
  key: 'keep-connections-alive',
  layer: 'architecture',
  title: 'Connections that are kept',
  appliesTo(bottleneck) {
    if (!hasSignal(bottleneck, 'new-connection')) return null;
    return {
      why: `${bottleneck.title}: each pays for round trips and handshakes that one open connection has behind it.`,
    };
  },
  how: 'One client for the life of the process: an http(s).Agent with keepAlive: true or an undici Pool, one pool of the database driver made at start. Read every answer to its end, since an unread one keeps its connection; keep idle ones shorter than the other side does.',
  tradeOffs: {
    complexity: 'low',
    correctness_risk: 'low',
    operational_risk: 'low',
    notes:
      'A kept connection may be closed by the other side just when it is used: repeat what is safe to repeat. It also stays with one address when the name moves to another.',
  },
  affects: ['latency_p95_ms', 'latency_p99_ms', 'latency_p50_ms', 'throughput_rps', 'cpu_us_per_request'],
  needs: [],
  priorFractionOfCeiling: 0.9,
  validation:
    'validate_change must show lower latency and CPU per request with equal answers; connections opened during the load must be as many as are used at once.',
};
