import { allocationHeavy } from './allocation-heavy.ts';
import { catastrophicRegexp } from './catastrophic-regexp.ts';
import { coherency } from './coherency.ts';
import { contention } from './contention.ts';
import { duplicateWork } from './duplicate-work.ts';
import { eventLoopQueueing } from './event-loop-queueing.ts';
import { longTransaction } from './long-transaction.ts';
import { nPlusOneCalls, nPlusOneQueries } from './n-plus-one.ts';
import { newConnectionPerCall } from './new-connection-per-call.ts';
import { oversizedJson } from './oversized-json.ts';
import { overFetching } from './over-fetching.ts';
import { poolTooSmall } from './pool-too-small.ts';
import { repeatedAcrossRequests } from './repeated-across-requests.ts';
import { retryStorm } from './retry-storm.ts';
import { serialIndependentCalls } from './serial-independent-calls.ts';
import { slowDependency } from './slow-dependency.ts';
import { timerWait } from './timer-wait.ts';
import { threadPoolSaturated } from './thread-pool-saturated.ts';
import { findDatabaseClients } from './database-clients.ts';
import type { Detector, DetectorInput, Finding } from './detector.ts';
import { eventLoopBlocked } from './event-loop-blocked.ts';
import { exceptionsAsControlFlow } from './exceptions-as-control-flow.ts';
import { formatterPerCall } from './formatter-per-call.ts';
import { gcPressure } from './gc-pressure.ts';
import { hotFunction } from './hot-function.ts';
import { hotLine } from './hot-line.ts';
import { jsonHotPath } from './json-hot-path.ts';
import { lockContention } from './lock-contention.ts';
import { loggingCost } from './logging-cost.ts';
import { memoryLeak } from './memory-leak.ts';
import { rankFindings, weighWith } from './rank.ts';
import { regexpHotPath } from './regexp-hot-path.ts';
import { singleCoreSaturated } from './single-core-saturated.ts';
import { slowQueryPlan } from './slow-query-plan.ts';
import { superLinearGrowth } from './super-linear-growth.ts';
import { syncCryptoOrCompression } from './sync-crypto-or-compression.ts';
import { syncFileIo } from './sync-file-io.ts';
import { templateCompiledPerRequest } from './template-compiled-per-request.ts';
import { transpiledHelper } from './transpiled-helper.ts';

export type { Detector, DetectorInput, Finding, LoadFacts } from './detector.ts';
export { summarizeRuntime } from './runtime-summary.ts';
export type { RuntimeSummary } from './runtime-summary.ts';
export { filesWorthReading } from './source-reading.ts';

/** Every detector. A new one is a file beside this and a line here. */
export const DETECTORS: readonly Detector[] = [
  oversizedJson,
  jsonHotPath,
  syncCryptoOrCompression,
  syncFileIo,
  catastrophicRegexp,
  regexpHotPath,
  templateCompiledPerRequest,
  formatterPerCall,
  exceptionsAsControlFlow,
  loggingCost,
  transpiledHelper,
  hotLine,
  hotFunction,
  gcPressure,
  allocationHeavy,
  memoryLeak,
  nPlusOneQueries,
  nPlusOneCalls,
  duplicateWork,
  repeatedAcrossRequests,
  overFetching,
  newConnectionPerCall,
  serialIndependentCalls,
  retryStorm,
  timerWait,
  slowDependency,
  poolTooSmall,
  longTransaction,
  threadPoolSaturated,
  eventLoopQueueing,
  slowQueryPlan,
  lockContention,
  eventLoopBlocked,
  singleCoreSaturated,
  superLinearGrowth,
  contention,
  coherency,
];

/** All findings, ranked; empty when the evidence shows nothing above the thresholds. */
export function detectBottlenecks(
  input: DetectorInput,
  detectors: readonly Detector[] = DETECTORS,
): readonly Finding[] {
  const clients = findDatabaseClients(input.attribution).map((name) => `database-client:${name}`);
  const roles = new Map(detectors.map(({ id, names }) => [id, names]));
  const findings = detectors.flatMap((detector) => detector.detect(input));
  return rankFindings(findings, roles, weighWith(input)).map((finding) => ({
    ...finding,
    signals: [...finding.signals, ...clients],
  }));
}
