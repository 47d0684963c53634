import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { estimateGrowth } from '../../../src/core/memory/growth.ts';
import type { MemoryFacts } from '../../../src/core/memory/model.ts';
import { readSampling } from '../../../src/core/memory/read-sampling.ts';
import { toReadings } from '../../../src/core/memory/readings.ts';

const folder = new URL('../../fixtures/memory/node-20/', import.meta.url);

export type RecordedHeap =
  'leak' | 'filling-cache' | 'timers' | 'buffers' | 'kept-texts' | 'churn' | 'healthy';

const threads = z.array(z.object({ pid: z.number(), threadId: z.number(), content: z.string() }));
const captureSchema = z.object({
  loads: z.array(
    z.object({
      answered: z.number(),
      heaps: z.array(
        z.object({
          pid: z.number(),
          threadId: z.number(),
          heapUsedBytes: z.number(),
          externalBytes: z.number(),
          activeHandles: z.number().nullable(),
          inboundRequests: z.number(),
        }),
      ),
    }),
  ),
  live: threads,
  allocated: threads,
  allocationOperations: z.number(),
});

export function readCapture(program: RecordedHeap) {
  return captureSchema.parse(JSON.parse(readFileSync(new URL(`${program}.json`, folder), 'utf8')));
}

/** What the memory pass would make of a recorded program. */
export function recordedMemory(program: RecordedHeap, loads?: number): MemoryFacts {
  const capture = readCapture(program);
  const roots = ['/srv/app'];
  const all = readSampling(
    capture.allocated.map(({ content }) => content),
    { roots },
  );
  return {
    allocation: all.sites,
    live: readSampling(
      capture.live.map(({ content }) => content),
      { roots },
    ).sites,
    growth: estimateGrowth(toReadings(capture.loads.slice(0, loads))),
    allocatedBytesPerOperation: all.bytes / capture.allocationOperations,
  };
}
