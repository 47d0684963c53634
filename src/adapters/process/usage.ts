import type { Descendants, TreeUsage } from '../../core/ports/processes.ts';
import type { ProcessEntry } from './proc-filesystem.ts';
import { readRssBytes, readThreadRunNs, US_PER_TICK } from './proc-filesystem.ts';

/**
 * Ticks (10 ms) count threads that have ended, the scheduler's nanoseconds are finer but know living threads only:
 * the larger of the two is nearer to the truth. Resident memory is summed, so shared pages count once for each process.
 */
export function measureTree(members: readonly ProcessEntry[]): TreeUsage {
  const living = members.filter((entry) => !entry.isZombie);
  let cpuUs = 0;
  for (const entry of members) {
    const byTicks = entry.cpuTicks * US_PER_TICK;
    const byScheduler = entry.isZombie ? 0 : (readThreadRunNs(entry.pid) ?? 0) / 1000;
    cpuUs += Math.max(byTicks, byScheduler) + entry.reapedCpuTicks * US_PER_TICK;
  }
  return {
    cpuUs: Math.round(cpuUs),
    rssBytes: living.reduce((sum, entry) => sum + readRssBytes(entry.pid), 0),
    pids: living.map((entry) => entry.pid),
  };
}

/** Memory and number of what the root has started; the root itself may be a launcher of ours. */
export function measureDescendants(members: readonly ProcessEntry[], root: number): Descendants {
  const living = members.filter((entry) => !entry.isZombie && entry.pid !== root);
  return {
    rssBytes: living.reduce((sum, entry) => sum + readRssBytes(entry.pid), 0),
    pids: living.map((entry) => entry.pid),
  };
}
