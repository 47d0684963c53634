import type { RetainedHeap } from '../ports/target.ts';
import type { HeapReading } from './growth.ts';

/** What all threads said after one load, with the operations that the load generator counted in it. */
export interface HeapsAfterLoad {
  readonly heaps: readonly RetainedHeap[];
  readonly answered: number;
}

/**
 * One reading a load, of the threads that were there after each of them: a worker that came between two would look like
 * growth. Operations are those that the probes counted, which no warm-up of a generator escapes; where they count none (a
 * server of its own over TCP, HTTP/2) those of the generator.
 */
export function toReadings(loads: readonly HeapsAfterLoad[]): readonly HeapReading[] {
  const threads = (loads[0]?.heaps ?? []).map(keyOf);
  const lasting = new Set(
    threads.filter((key) => loads.every(({ heaps }) => heaps.some((h) => keyOf(h) === key))),
  );
  if (lasting.size === 0) return [];
  const readings = loads.map(({ heaps, answered }) => {
    const kept = heaps.filter((heap) => lasting.has(keyOf(heap)));
    const sum = (pick: (heap: RetainedHeap) => number) => kept.reduce((total, heap) => total + pick(heap), 0);
    return {
      answered,
      usedBytes: sum(({ heapUsedBytes, externalBytes }) => heapUsedBytes + externalBytes),
      inbound: sum(({ inboundRequests }) => inboundRequests),
      activeHandles: sum(({ activeHandles }) => activeHandles ?? 0),
    };
  });
  const counted = (readings.at(-1)?.inbound ?? 0) > (readings[0]?.inbound ?? 0);
  let answeredSoFar = 0;
  return readings.map(({ answered, usedBytes, inbound, activeHandles }) => {
    answeredSoFar += answered;
    return { usedBytes, operations: counted ? inbound : answeredSoFar, activeHandles };
  });
}

function keyOf({ pid, threadId }: RetainedHeap): string {
  return `${pid}/${threadId}`;
}
