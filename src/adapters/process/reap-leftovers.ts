import { createMarkFinder, RUN_VARIABLE } from './environment-mark.ts';
import { killMembers } from './kill-tree.ts';
import type { ProcessEntry } from './proc-filesystem.ts';
import { readProcessTable } from './proc-filesystem.ts';

/**
 * Kills what servers that are no more have left of these runs; returns how many processes that were. Only for runs
 * that no living server owns. Does nothing where there is no /proc.
 */
export async function reapLeftovers(runIds: readonly string[]): Promise<number> {
  if (process.platform !== 'linux' || runIds.length === 0) return 0;
  const isMarked = createMarkFinder(runIds.map((id) => `${RUN_VARIABLE}=${id}`));
  const isLeftover = (entry: ProcessEntry): boolean => entry.pid !== process.pid && isMarked(entry);
  return killMembers(() => readProcessTable().entries.filter(isLeftover), 300);
}
