import type { Detector } from './detector.ts';
import {
  ceilingsOf,
  describePlace,
  hasEnoughEvidence,
  locate,
  percent,
  shareWithInterval,
} from './finding.ts';

/** A delay that a person notices in an answer, and many times what a healthy loop has under load. */
const BLOCKED_MS = 50;

/** The event loop waits long for synchronous work; the hottest function is named as the likely culprit, not as proven. */
export const eventLoopBlocked: Detector = {
  id: 'event-loop-blocked',
  title: 'Event loop blocked',
  names: 'symptom',
  detect(input) {
    const delayMs = input.runtime?.eventLoopDelayP99Ms ?? null;
    if (delayMs === null || delayMs < BLOCKED_MS || !hasEnoughEvidence(input)) return [];
    const [candidate] = input.attribution.functions.filter(
      (cost) => cost.frame.kind === 'js' && cost.own > 0,
    );
    const share = candidate?.ownShare ?? 0;
    const withInterval = shareWithInterval(share, input.attribution.totals.busySamples);
    const maxMs = input.runtime?.eventLoopDelayMaxMs;
    const gc = input.attribution.coverage.gc;
    const suspect =
      candidate === undefined || gc > share
        ? `garbage collection (${percent(gc)})`
        : describePlace(candidate);
    return [
      {
        kind: eventLoopBlocked.id,
        title: `The event loop is blocked for ${Math.round(delayMs)} ms (p99); candidate: ${suspect}`,
        layer: 'architecture',
        location: candidate === undefined || gc > share ? {} : locate(candidate),
        share: gc > share ? shareWithInterval(gc, input.attribution.totals.busySamples) : withInterval,
        ceilings: [
          ...ceilingsOf(input, Math.max(gc, share)).filter(
            ({ metric }) => metric !== 'event_loop_delay_p99_ms',
          ),
          {
            metric: 'event_loop_delay_p99_ms',
            gain: 1,
            interval: [0, 1],
            assumes:
              'upper bound: the candidate is the only long synchronous stretch; 0 if the delay comes from another one',
          },
        ],
        confidence:
          share >= 0.3
            ? {
                level: 'medium',
                reason: 'the delay is measured; that this function causes it is inferred from its share',
              }
            : { level: 'low', reason: 'the delay is measured; no function stands out as its cause' },
        signals: ['event-loop', 'blocking'],
        detail: `event-loop delay p99 ${Math.round(delayMs)} ms${maxMs === undefined || maxMs === null ? '' : `, longest ${Math.round(maxMs)} ms`}`,
        confirm:
          'Time the candidate for one request: a single call as long as the delay confirms it; many short ones mean that requests queue (lower the rate and look again).',
      },
    ];
  },
};
