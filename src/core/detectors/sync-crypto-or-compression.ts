import { withSyncCallsOfTrace } from './sync-calls-in-trace.ts';
import { detectWork } from './work-in-function.ts';

/** Hashing, key derivation and compression on the main thread: everything else waits meanwhile. */
export const syncCryptoOrCompression = withSyncCallsOfTrace(
  detectWork({
    id: 'sync-crypto-or-compression',
    title: 'Synchronous crypto or compression',
    categories: ['crypto', 'compression'],
    layer: 'architecture',
    subject: 'Synchronous crypto or compression',
    extraMetrics: ['latency_p99_ms'],
    confirm: (place) =>
      `Replace the call in ${place} by its asynchronous form: CPU per request stays, event-loop delay and tail latency must fall.`,
  }),
  {
    name: /^(?:node:)?(?:crypto|zlib|bcrypt)\b/i,
    signalOf: (name) => (/zlib/i.test(name) ? 'compression' : 'crypto'),
  },
);
