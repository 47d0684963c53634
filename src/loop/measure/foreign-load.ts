import type { MachineCpu } from '../../core/ports/machine.ts';

/** Busy time of the machine that none of our processes used, as a share of all its cores. */
export function foreignLoad(
  before: MachineCpu | null,
  after: MachineCpu | null,
  oursUs: number,
): { readonly foreignShare: number; readonly stealShare: number } {
  if (!before || !after) return { foreignShare: 0, stealShare: 0 };
  const busy = after.busyUs - before.busyUs;
  const steal = after.stealUs - before.stealUs;
  const total = busy + steal + (after.idleUs - before.idleUs);
  if (total <= 0) return { foreignShare: 0, stealShare: 0 };
  return { foreignShare: Math.max(0, (busy - oursUs) / total), stealShare: Math.max(0, steal / total) };
}
