import type { EventLoopUtilization, IntervalHistogram } from 'node:perf_hooks';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import type { RuntimeWindow } from '../../../core/ports/target.ts';
import { watchCollections } from './collections.ts';
import { countInboundRequests, hasOperations, readOperationCounts } from './operation-counts.ts';

/** Timer period of the delay monitor, in ms: 10 costs 0.38 % of a core in an idle process, 1 costs 2.1 %. */
const RESOLUTION_MS = 20;
const NS_PER_MS = 1e6;

export interface OpenWindow {
  close(): Omit<RuntimeWindow, 'pid' | 'threadId'>;
}

function summarizeDelay(histogram: IntervalHistogram): RuntimeWindow['eventLoopDelay'] {
  // An empty histogram has no mean; `count` is not there in Node.js 16.
  if (Number.isNaN(histogram.mean)) return null;
  // The monitor records the whole distance between two timers, its own period included.
  const above = (ns: number): number => Math.max(0, ns / NS_PER_MS - RESOLUTION_MS);
  return {
    p50Ms: above(histogram.percentile(50)),
    p99Ms: above(histogram.percentile(99)),
    maxMs: above(histogram.max),
  };
}

/** Resolves after the monitor's first timer: a distance needs two, so a loop that was blocked before it would go unseen. */
function waitForFirstTimer(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, RESOLUTION_MS + 5).unref();
  });
}

function countHandles(): number | null {
  // Older Node.js versions do not have it.
  return 'getActiveResourcesInfo' in process ? process.getActiveResourcesInfo().length : null;
}

/** Everything is set up anew for each window, so that a thread outside of one pays nothing. */
export async function openRuntimeWindow(): Promise<OpenWindow> {
  const countsInbound = hasOperations();
  if (countsInbound) countInboundRequests();
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  histogram.enable();
  await waitForFirstTimer();
  const openedAt = performance.now();
  const loopBefore: EventLoopUtilization = performance.eventLoopUtilization();
  const cpuBefore = process.cpuUsage();
  const countsBefore = readOperationCounts();
  const collections = watchCollections();
  return {
    close() {
      const { gcMs, allocatedBytes } = collections.close();
      const counts = readOperationCounts();
      const loop = performance.eventLoopUtilization(loopBefore);
      const cpu = process.cpuUsage(cpuBefore);
      const durationMs = performance.now() - openedAt;
      histogram.disable();
      const memory = process.memoryUsage();
      return {
        durationMs,
        eventLoopDelay: summarizeDelay(histogram),
        eventLoopUtilization: loop.utilization,
        gcMs,
        processCpuUs: cpu.user + cpu.system,
        heapUsedBytes: memory.heapUsed,
        rssBytes: memory.rss,
        allocatedBytes,
        outboundCalls: counts.outboundCalls - countsBefore.outboundCalls,
        inboundRequests: countsInbound ? counts.inboundRequests - countsBefore.inboundRequests : null,
        queries: counts.queries === null ? null : counts.queries - (countsBefore.queries ?? 0),
        activeHandles: countHandles(),
      };
    },
  };
}
