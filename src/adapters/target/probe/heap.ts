import { writeFileSync } from 'node:fs';
import type { HeapProfiler } from 'node:inspector';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { HeapSampling, RetainedHeap } from '../../../core/ports/target.ts';
import { isOwnCode, openSession } from './cpu-profile.ts';
import { mapHeapProfile } from './map-profile.ts';
import { readOperationCounts } from './operation-counts.ts';

export interface RunningSampling {
  /** True when code of the program allocated and the file was written. */
  stop(file: string): Promise<boolean>;
}

/**
 * V8's sampling heap profiler, on command. Both flags together make it keep the samples of objects that were collected since
 * (V8 10.6, Node.js 19, and later): the rate of allocation and not what is left. Older ones ignore them.
 */
export async function startHeapSampling({ intervalBytes, objects }: HeapSampling): Promise<RunningSampling> {
  const session = openSession();
  const all = objects === 'all';
  await new Promise<void>((resolve, reject) => {
    const options = {
      samplingInterval: intervalBytes,
      includeObjectsCollectedByMajorGC: all,
      includeObjectsCollectedByMinorGC: all,
    };
    session.post('HeapProfiler.startSampling', options, (error) =>
      error === null ? resolve() : reject(error),
    );
  });
  return {
    async stop(file) {
      const profile = await new Promise<HeapProfiler.SamplingHeapProfile>((resolve, reject) => {
        session.post('HeapProfiler.stopSampling', (error, result) =>
          error === null ? resolve(result.profile) : reject(error),
        );
      });
      session.disconnect();
      if (!holdsOwnCode(profile.head)) return false;
      writeFileSync(file, JSON.stringify(mapHeapProfile(profile, __filename)));
      return true;
    },
  };
}

function holdsOwnCode({ callFrame, children }: HeapProfiler.SamplingHeapProfileNode): boolean {
  return isOwnCode(callFrame.url) || children.some(holdsOwnCode);
}

type Collect = () => void;

let collect: Collect | undefined;

/**
 * `gc` without `--expose-gc`: a context that is made while the flag is set has it. The flag is put back at once, the function
 * is kept: each new context would be garbage of its own between two readings. `HeapProfiler.collectGarbage` was rejected,
 * since it throws away compiled code as well, and the load after it would pay for that.
 */
function findCollector(): Collect {
  if (collect !== undefined) return collect;
  setFlagsFromString('--expose-gc');
  try {
    collect = runInNewContext('gc') as Collect;
  } finally {
    setFlagsFromString('--no-expose-gc');
  }
  return collect;
}

/** Connections that the load has just closed are taken down by the program in the turns after it. */
const SETTLE_MS = 50;

export async function readHeapAfterGc(): Promise<Omit<RetainedHeap, 'pid' | 'threadId'>> {
  const gc = findCollector();
  await sleep(SETTLE_MS, undefined, { ref: false });
  gc();
  // Finalizers run in a turn of their own, and what they let go of is found by the next collection.
  await sleep(0);
  gc();
  const { heapUsed, external } = process.memoryUsage();
  return {
    heapUsedBytes: heapUsed,
    externalBytes: external,
    // Older Node.js versions do not have it.
    activeHandles: 'getActiveResourcesInfo' in process ? process.getActiveResourcesInfo().length : null,
    inboundRequests: readOperationCounts().inboundRequests,
  };
}
