/** What the memory pass saw: who allocates, and what stays after equal loads. */
export interface MemoryFacts {
  /** Where memory is allocated, garbage included; heaviest first. */
  readonly allocation: readonly AllocationSite[];
  /** Where what is still alive at the end was allocated; heaviest first. */
  readonly live: readonly AllocationSite[];
  readonly growth: HeapGrowth | null;
  readonly allocatedBytesPerOperation: number | null;
}

export interface AllocationSite {
  readonly function: string;
  readonly file?: string;
  /** 1-based. */
  readonly line?: number;
  readonly package?: string;
  readonly bytes: number;
  /** Of the bytes, those by which a Map, a Set or an array grew when this function put something in; absent: none. */
  readonly intoCollections?: number;
  /** That the bytes rest on. */
  readonly samples: number;
  /** Of all sampled bytes, [0, 1]. */
  readonly share: number;
}

/** Heap after a full collection, once after each of several equal loads; the first warms up and is left out. */
export interface HeapGrowth {
  /** With external memory (Buffers). */
  readonly heapUsedBytes: readonly number[];
  readonly operationsPerLoad: number;
  /** Theil-Sen slope, in bytes per operation, with its interval. */
  readonly bytesPerOperation: number;
  readonly interval: readonly [number, number];
  /** Handles that keep the event loop alive, after each load. */
  readonly activeHandles: readonly number[];
}
