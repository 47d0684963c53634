import { hasSignal, nameOf, shareText } from './strategy-rule.ts';
import type { StrategyRule } from './strategy-rule.ts';

export const streamLargePayload: StrategyRule = {
  key: 'stream-large-payload',
  layer: 'architecture',
  title: 'Page or stream large answers',
  appliesTo(bottleneck) {
    if (!hasSignal(bottleneck, 'json', 'compression')) return null;
    return {
      why: `${nameOf(bottleneck)} takes ${shareText(bottleneck)} for building whole answers in one piece.`,
    };
  },
  how: 'Give pages with a limit, or write items as they come (newline-delimited JSON, a transform stream into createGzip), so that no request holds the thread or the memory for the whole of a large answer.',
  tradeOffs: {
    complexity: 'medium',
    correctness_risk: 'medium',
    operational_risk: 'low',
    notes:
      'Clients must accept pages or streams; an error in the middle can no longer change the status code.',
  },
  affects: ['latency_p99_ms', 'rss_peak_bytes', 'event_loop_delay_p99_ms', 'cpu_us_per_request'],
  needs: ['api-change'],
  priorFractionOfCeiling: 0.4,
  validation: 'validate_change must show lower tail latency or peak memory for the large answers.',
};
