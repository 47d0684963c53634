import { hasSignal, nameOfWait } from './strategy-rule.ts';
import type { StrategyRule } from './strategy-rule.ts';

export const waitForTheEvent: StrategyRule = {
  key: 'wait-for-the-event',
  layer: 'architecture',
  title: 'Wait for what happens and not for a time',
  appliesTo(bottleneck) {
    if (!hasSignal(bottleneck, 'timer')) return null;
    return { why: `A request sleeps at ${nameOfWait(bottleneck)} while nothing is done for it.` };
  },
  how: 'Find out what the pause is for. Nothing any more: take it out. Polling: wait for the event itself (a promise, an event, LISTEN of the database, a queue that pushes), or look at once and only then again after a growing pause. A backoff: look at why the first try fails. A limit on the rate: a token bucket that lets the first ones through. Work that the answer does not need belongs after the answer.',
  tradeOffs: {
    complexity: 'low',
    correctness_risk: 'medium',
    operational_risk: 'medium',
    notes:
      'A pause may hide a race or spare a dependency: without it the race shows, or the dependency gets more calls at once.',
  },
  affects: ['latency_p95_ms', 'latency_p50_ms', 'latency_p99_ms', 'throughput_rps'],
  needs: [],
  priorFractionOfCeiling: 0.8,
  validation:
    'validate_change must show lower latency with equal answers and an error rate that stays; the timer must be gone from a new trace.',
};
