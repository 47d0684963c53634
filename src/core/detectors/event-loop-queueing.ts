import { detectWaits } from './detect-waits.ts';
import { percent } from './finding.ts';
import { nameRequests } from './share-of-requests.ts';

/** Some queueing comes with any load: half of a service time at a utilisation of one half (M/D/1). */
const QUEUEING_THRESHOLD = 0.1;

/** Requests wait for the thread while it works for others: it follows from whatever keeps the thread busy. */
export const eventLoopQueueing = detectWaits({
  id: 'event-loop-queueing',
  title: 'Requests queue for the event loop',
  names: 'symptom',
  layer: 'architecture',
  threshold: QUEUEING_THRESHOLD,
  confirm:
    'Halve the load: queueing that nearly goes while CPU per request stays is a matter of load and of CPU per request; one that stays comes from single long stretches.',
  find: ({ requests, split }) => [
    {
      lost: new Map(requests.map((request) => [request, request.parts.queueing])),
      calls: [],
      tell: ({ share }) => ({
        title: `${nameRequests(share)} wait ${percent(share.value)} of their time for the thread, which works for other requests`,
        most: 'medium',
        reason:
          'the wait is measured, as far as an answer that lay there can be told from one that was not there yet',
        signals: ['event-loop', 'queueing'],
        detail: `CPU makes ${percent(split.shares.cpu)} and garbage collection ${percent(split.shares.gc)} of the time of the requests; the queue shrinks faster than the work that causes it`,
      }),
    },
  ],
});
