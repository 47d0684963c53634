import type { MachineCpu } from '../../core/ports/machine.ts';

/** What disturbed a window: busy time of others and of the host as shares of all cores, and a quota of our own container. */
export function foreignLoad(
  before: MachineCpu | null,
  after: MachineCpu | null,
  oursUs: number,
): { readonly foreignShare: number; readonly stealShare: number; readonly throttledPeriods: number } {
  if (!before || !after) return { foreignShare: 0, stealShare: 0, throttledPeriods: 0 };
  const throttledPeriods = (after.throttledPeriods ?? 0) - (before.throttledPeriods ?? 0);
  const busy = after.busyUs - before.busyUs;
  const steal = after.stealUs - before.stealUs;
  const total = busy + steal + (after.idleUs - before.idleUs);
  if (total <= 0) return { foreignShare: 0, stealShare: 0, throttledPeriods };
  return {
    foreignShare: Math.max(0, (busy - oursUs) / total),
    stealShare: Math.max(0, steal / total),
    throttledPeriods,
  };
}
