import { joinOrBatchQueries } from './join-or-batch-queries.ts';
import { addIndex } from './add-index.ts';
import { keepConnectionsAlive } from './keep-connections-alive.ts';
import { runIndependentCallsTogether } from './run-independent-calls-together.ts';
import { requestScopedMemoization } from './request-scoped-memoization.ts';
import { cacheAcrossRequests } from './cache-across-requests.ts';
import { resizePool } from './resize-pool.ts';
import { shortenTransaction } from './shorten-transaction.ts';
import { backoffAndCircuitBreaker } from './backoff-and-circuit-breaker.ts';
import { timeouts } from './timeouts.ts';
import { waitForTheEvent } from './wait-for-the-event.ts';
import { resizeThreadPool } from './resize-thread-pool.ts';
import { asyncInsteadOfSync } from './async-instead-of-sync.ts';
import { batchOrIndex } from './batch-or-index.ts';
import { betterDataStructure } from './better-data-structure.ts';
import { cachePureResult } from './cache-pure-result.ts';
import { compareBareColumn } from './compare-bare-column.ts';
import { clusterOrReplicas } from './cluster-or-replicas.ts';
import { fasterSerialization } from './faster-serialization.ts';
import { heapAndSemispaceTuning } from './heap-and-semispace-tuning.ts';
import { hoistInvariantWork } from './hoist-invariant-work.ts';
import { incrementalOrPrecomputed } from './incremental-or-precomputed.ts';
import { linearTimeRegexp } from './linear-time-regexp.ts';
import { offloadToWorkerThread } from './offload-to-worker-thread.ts';
import { precomputeInBackground } from './precompute-in-background.ts';
import { readOnce } from './read-once.ts';
import { reduceAllocation } from './reduce-allocation.ts';
import { selectLessData } from './select-less-data.ts';
import { singlePass } from './single-pass-instead-of-nested-loops.ts';
import type { StrategyRule } from './strategy-rule.ts';
import { streamLargePayload } from './stream-large-payload.ts';
import { upgradeOrReplacePackage } from './upgrade-or-replace-package.ts';

export type { ForbidTag, StrategyRule } from './strategy-rule.ts';

/** The catalogue, by layer. A new strategy is a file beside this and a line here. */
export const STRATEGY_RULES: readonly StrategyRule[] = [
  betterDataStructure,
  singlePass,
  hoistInvariantWork,
  incrementalOrPrecomputed,
  fasterSerialization,
  linearTimeRegexp,
  reduceAllocation,
  selectLessData,
  batchOrIndex,
  joinOrBatchQueries,
  addIndex,
  compareBareColumn,
  requestScopedMemoization,
  shortenTransaction,
  readOnce,
  cachePureResult,
  cacheAcrossRequests,
  keepConnectionsAlive,
  runIndependentCallsTogether,
  backoffAndCircuitBreaker,
  timeouts,
  waitForTheEvent,
  asyncInsteadOfSync,
  offloadToWorkerThread,
  streamLargePayload,
  precomputeInBackground,
  clusterOrReplicas,
  resizePool,
  resizeThreadPool,
  heapAndSemispaceTuning,
  upgradeOrReplacePackage,
];
