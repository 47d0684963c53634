import { constants, PerformanceObserver } from 'node:perf_hooks';
import * as v8 from 'node:v8';
import type { RuntimeWindow } from '../../../core/ports/target.ts';

export interface Collections {
  readonly gcMs: RuntimeWindow['gcMs'];
  /** Bytes that were allocated on this thread's heap, garbage included; null where Node.js cannot tell. */
  readonly allocatedBytes: number | null;
}

export interface OpenCollections {
  close(): Collections;
}

/**
 * Time and allocation by way of the collections in a window. v8.GCProfiler (Node.js 18.15) tells both; a PerformanceObserver
 * runs JavaScript after every collection, which cost a hello-world service 3 % (bench "probe"), so it is for the versions
 * before.
 */
export function watchCollections(): OpenCollections {
  return typeof v8.GCProfiler === 'function' ? profileCollections() : observeCollections();
}

interface GcTotals {
  minor: number;
  major: number;
  incremental: number;
  weakcb: number;
}

const noCollections = (): GcTotals => ({ minor: 0, major: 0, incremental: 0, weakcb: 0 });

/** The names that V8's profiler gives; MinorMarkSweep has been called MinorMarkCompact. */
const KIND_BY_NAME: Readonly<Record<string, keyof GcTotals>> = {
  Scavenge: 'minor',
  MinorMarkCompact: 'minor',
  MinorMarkSweep: 'minor',
  MarkSweepCompact: 'major',
  IncrementalMarking: 'incremental',
  ProcessWeakCallbacks: 'weakcb',
};

/**
 * What was allocated is reckoned from the heap's size around each collection: growth from the end of one to the start of
 * the next is allocation and nothing else. Memory outside of the heap (Buffers) is not in it.
 */
function profileCollections(): OpenCollections {
  const profiler = new v8.GCProfiler();
  profiler.start();
  const openedBytes = v8.getHeapStatistics().used_heap_size;
  return {
    close() {
      const closedBytes = v8.getHeapStatistics().used_heap_size;
      const { statistics } = profiler.stop();
      const gcMs = noCollections();
      let allocated = 0;
      let before = openedBytes;
      for (const { gcType, cost, beforeGC, afterGC } of statistics) {
        const kind = KIND_BY_NAME[gcType];
        if (kind !== undefined) gcMs[kind] += cost / 1000;
        allocated += Math.max(0, beforeGC.heapStatistics.usedHeapSize - before);
        before = afterGC.heapStatistics.usedHeapSize;
      }
      return { gcMs, allocatedBytes: allocated + Math.max(0, closedBytes - before) };
    },
  };
}

const KIND_BY_CONSTANT = new Map<number | undefined, keyof GcTotals>([
  [constants.NODE_PERFORMANCE_GC_MINOR, 'minor'],
  [constants.NODE_PERFORMANCE_GC_MAJOR, 'major'],
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL, 'incremental'],
  [constants.NODE_PERFORMANCE_GC_WEAKCB, 'weakcb'],
]);

function observeCollections(): OpenCollections {
  const openedAt = performance.now();
  const gcMs = noCollections();
  const add = (entries: readonly { startTime: number; duration: number; detail?: unknown }[]): void => {
    for (const entry of entries) {
      const kind = KIND_BY_CONSTANT.get((entry.detail as { kind?: number } | undefined)?.kind);
      if (kind !== undefined && entry.startTime >= openedAt) gcMs[kind] += entry.duration;
    }
  };
  const observer = new PerformanceObserver((list) => add(list.getEntries()));
  observer.observe({ entryTypes: ['gc'] });
  return {
    close() {
      add(observer.takeRecords());
      observer.disconnect();
      return { gcMs, allocatedBytes: null };
    },
  };
}
