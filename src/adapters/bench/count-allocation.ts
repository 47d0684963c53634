import { GCProfiler, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { median } from '../../core/stats/order-statistics.ts';
import type { CallLoop } from './call-loop.ts';

/** Repeats; their median is free of what V8 happened to allocate for itself in one of them. */
const CHUNKS = 7;
/**
 * Of one chunk: small beside a young generation (16 MiB by default), so that with luck nothing is collected in it; large
 * beside the few KB that counting itself allocates. Bounded in time too, for functions that allocate next to nothing.
 */
const CHUNK_BYTES = 1 << 20;
const CHUNK_MS = 20;
/** No further repeat after this: slow calls have cost enough in the timing. */
const LIMIT_MS = 500;

interface Chunk {
  readonly bytes: number;
  readonly ms: number;
}

/**
 * Bytes that one call allocates: growth of the heap over a number of calls, plus what collections in between freed, as V8
 * reports it before and after each. A count and not an estimate by sampling: it repeats to a fraction of a percent, however
 * busy the machine is. Only after the timing, since it forces collections. Array buffers lie outside of the heap; those
 * that a collection frees while a chunk runs are missing from the count.
 */
export async function countAllocation(loop: CallLoop): Promise<number> {
  settlePlaces();
  const collect = exposeGc();
  const count = async (cycles: number): Promise<Chunk> => {
    loop.forget();
    collect({ type: 'minor' });
    const calls = cycles * loop.inputs;
    const profiler = new GCProfiler();
    profiler.start();
    const startedAt = performance.now();
    const before = process.memoryUsage();
    if (loop.isAsync) await loop.run(calls);
    else loop.runSync(calls);
    const after = process.memoryUsage();
    const ms = performance.now() - startedAt;
    const freed = profiler
      .stop()
      .statistics.reduce(
        (sum, { beforeGC, afterGC }) =>
          sum + beforeGC.heapStatistics.usedHeapSize - afterGC.heapStatistics.usedHeapSize,
        0,
      );
    const heap = after.heapUsed - before.heapUsed + freed;
    return { ms, bytes: heap + Math.max(0, after.arrayBuffers - before.arrayBuffers) };
  };
  const countOften = async (cycles: number): Promise<number> => {
    const bytes: number[] = [];
    let spentMs = 0;
    while (bytes.length < CHUNKS && spentMs < LIMIT_MS) {
      const chunk = await count(cycles);
      bytes.push(chunk.bytes);
      spentMs += chunk.ms;
    }
    return median(bytes);
  };

  collect();
  const own = await countOften(0);
  let cycles = 1;
  for (;;) {
    const { bytes, ms } = await count(cycles);
    if (bytes - own >= CHUNK_BYTES / 2 || ms >= CHUNK_MS / 2) break;
    cycles *= 2;
  }
  return Math.max(0, (await countOften(cycles)) - own) / (cycles * loop.inputs);
}

/**
 * Objects that lived through one of our own collections would from then on be allocated in the old generation, whose size
 * grows by whole allocation areas: a count that differed by 256 KB from chunk to chunk (seen with a parser of 1.8 MB a call).
 */
function settlePlaces(): void {
  setFlagsFromString('--no-allocation-site-pretenuring');
}

type CollectGarbage = (options?: { readonly type: 'minor' | 'major' }) => void;

/** V8 gives `gc` to contexts that are made after the flag was set; the measured module does not see it. */
function exposeGc(): CollectGarbage {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as CollectGarbage;
  setFlagsFromString('--no-expose-gc');
  return collect;
}
