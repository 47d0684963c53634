import { estimateGrowth, FEWEST_READINGS, shapeOf } from '../../../core/memory/growth.ts';
import { toReadings, type HeapsAfterLoad } from '../../../core/memory/readings.ts';
import type { HttpWorkload } from '../../../core/model/goals.ts';
import type { LoadOf } from '../../../core/model/measurement.ts';
import type { Ports } from '../../../core/ports/index.ts';
import type { MemoryCapture, SampleContext } from '../measurer.ts';
import { readInputs } from './inputs.ts';
import { loadPlan } from './sample.ts';
import { startTarget } from './target.ts';

export interface HttpMemoryRequest extends Omit<SampleContext, 'load'> {
  readonly workload: HttpWorkload;
  readonly load: LoadOf<'http'>;
}

/** One more than the interval needs at least, so that it can leave out a slope at each end. */
const LOADS = FEWEST_READINGS + 1;
/** What still grows after those is looked at for longer: a cache that fills may level off, a leak does not. */
const MOST_LOADS = 10;
/** Leaks of some hundred bytes a request are seen by a few samples in a load; nothing here is timed, so it may cost. */
const LIVE_INTERVAL_BYTES = 32 * 1024;
const ALLOCATION_INTERVAL_BYTES = 128 * 1024;

/**
 * One fresh process: a load that warms up, then equal loads with a full collection after each, then one in which all
 * allocation is sampled. What was allocated after the warm-up and is alive at the end is where growth comes from.
 * V8's inlining is off, because the heap profiler knows no inlined frame and would name the caller.
 */
export async function watchMemoryOfHttp(
  ports: Ports,
  request: HttpMemoryRequest,
): Promise<MemoryCapture | null> {
  const { workload, load, plan, signal } = request;
  const inputs = await readInputs(ports, workload, request);
  const target = await startTarget(ports, workload, { ...request, probe: 'attribution' });
  try {
    const base = { ...loadPlan(ports, { ...request, inputs }, target), connections: load.connections };
    const apply = async () =>
      (await ports.load.closedLoop({ ...base, durationMs: plan.closedMs / 2 }, signal)).answered;
    await apply();
    // The first forced collection also makes the function that forces it.
    if ((await target.heapAfterGc()).length === 0) return null;

    await target.startHeapSampling({ intervalBytes: LIVE_INTERVAL_BYTES, objects: 'live' });
    const loads: HeapsAfterLoad[] = [];
    do {
      const answered = await apply();
      loads.push({ answered, heaps: await target.heapAfterGc() });
    } while (loads.length < LOADS || (loads.length < MOST_LOADS && seemsToGrow(loads)));
    const live = await target.stopHeapSampling();

    await target.startHeapSampling({ intervalBytes: ALLOCATION_INTERVAL_BYTES, objects: 'all' });
    const allocationOperations = await apply();
    const allocated = await target.stopHeapSampling();
    return { loads, live, allocated, allocationOperations };
  } finally {
    await target.stop();
  }
}

function seemsToGrow(loads: readonly HeapsAfterLoad[]): boolean {
  const growth = estimateGrowth(toReadings(loads));
  return growth !== null && shapeOf(growth) === 'grows';
}
