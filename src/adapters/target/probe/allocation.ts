import * as v8 from 'node:v8';

export interface OpenAllocation {
  /** Bytes that were allocated on this thread's heap since it was opened; null where Node.js cannot tell. */
  close(): number | null;
}

/**
 * What was allocated, garbage included, reckoned from the heap's size around each collection (v8.GCProfiler, Node.js
 * 18.15 and later): growth from the end of one to the start of the next is allocation and nothing else. Memory outside
 * of the heap (Buffers) is not in it.
 */
export function watchAllocation(): OpenAllocation {
  if (typeof v8.GCProfiler !== 'function') return { close: () => null };
  const profiler = new v8.GCProfiler();
  profiler.start();
  const openedBytes = v8.getHeapStatistics().used_heap_size;
  return {
    close() {
      const closedBytes = v8.getHeapStatistics().used_heap_size;
      const { statistics } = profiler.stop();
      let allocated = 0;
      let before = openedBytes;
      for (const { beforeGC, afterGC } of statistics) {
        allocated += Math.max(0, beforeGC.heapStatistics.usedHeapSize - before);
        before = afterGC.heapStatistics.usedHeapSize;
      }
      return allocated + Math.max(0, closedBytes - before);
    },
  };
}
