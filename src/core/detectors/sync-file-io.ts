import { withSyncCallsOfTrace } from './sync-calls-in-trace.ts';
import { detectWork } from './work-in-function.ts';

/** fs.*Sync and child processes that are waited for, on the path of a request. */
export const syncFileIo = withSyncCallsOfTrace(
  detectWork({
    id: 'sync-file-io',
    title: 'Synchronous file or process I/O',
    categories: ['sync-io'],
    layer: 'data-access',
    subject: 'Synchronous I/O',
    extraMetrics: ['latency_p99_ms'],
    confirm: (place) =>
      `Check whether ${place} reads the same thing again for each request; reading it once at start shows the gain that is there.`,
  }),
  { name: /^(?:node:)?(?:fs|child_process)\./, signalOf: () => 'sync-io' },
);
