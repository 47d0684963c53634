import type { Detector } from './detector.ts';
import { percent } from './finding.ts';
import {
  hasEnoughRequests,
  isWorthWaiting,
  judgeTrace,
  shareOfRequests,
  waitingCeilingsOf,
} from './waiting.ts';

/** Some queueing comes with any load: half of a service time at a utilisation of one half (M/D/1). */
const QUEUEING_THRESHOLD = 0.1;

/** Requests wait for the thread while it works for others: it follows from whatever keeps the thread busy. */
export const eventLoopQueueing: Detector = {
  id: 'event-loop-queueing',
  title: 'Requests queue for the event loop',
  names: 'symptom',
  detect(input) {
    const { trace } = input;
    if (!hasEnoughRequests(trace)) return [];
    const lost = new Map(trace.requests.map((request) => [request, request.parts.queueing]));
    const share = shareOfRequests(trace, lost);
    if (!isWorthWaiting(share, QUEUEING_THRESHOLD)) return [];
    const { cpu, gc } = trace.split.shares;
    return [
      {
        kind: eventLoopQueueing.id,
        title: `Requests wait ${percent(share.value)} of their time for the thread, which works for other requests`,
        layer: 'architecture',
        location: {},
        share,
        ceilings: waitingCeilingsOf(input, trace, lost),
        confidence: judgeTrace(
          trace,
          'medium',
          'the wait is measured, as far as an answer that lay there can be told from one that was not there yet',
        ),
        signals: ['event-loop', 'queueing'],
        detail: `CPU makes ${percent(cpu)} and garbage collection ${percent(gc)} of the time of the requests; the queue shrinks faster than the work that causes it`,
        confirm:
          'Halve the load: queueing that nearly goes while CPU per request stays is a matter of load and of CPU per request; one that stays comes from single long stretches.',
      },
    ];
  },
};
