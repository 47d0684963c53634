import { detectLost } from './lost-scalability.ts';

/** Each request makes the others dearer: beyond a point more connections give less throughput. */
export const coherency = detectLost({
  id: 'coherency',
  title: 'Coherency cost',
  what: 'keeping each other in agreement',
  likely:
    'work that grows with the number of requests in flight: garbage of many open requests, retries, scans of shared lists, rows that are updated by all',
  confirm:
    'Sweep again with the suspect left out: throughput must stop falling at the upper end. Until then a limit on concurrency keeps the service at its peak.',
});
