import { createMarkFinder, TREE_VARIABLE } from './environment-mark.ts';
import { killMembers, killNow } from './kill-tree.ts';
import type { ProcessEntry } from './proc-filesystem.ts';
import { readProcessEntry, readProcessTable } from './proc-filesystem.ts';
import { findTree } from './process-tree.ts';
import type { Tree } from './tree.ts';
import { measureTree } from './usage.ts';

/** To be called in the same turn as the start: until then the child can't have been waited for, so /proc knows it. */
export function createLinuxTree(pid: number, treeMark: string | undefined): Tree {
  const root = { pid, startTicks: readProcessEntry(pid)?.startTicks ?? 0 };
  const isMarked =
    treeMark === undefined ? (): boolean => false : createMarkFinder([`${TREE_VARIABLE}=${treeMark}`]);
  let remembered: ReadonlyMap<number, number> = new Map([[root.pid, root.startTicks]]);
  let spentUs = 0;
  const findMembers = (): readonly ProcessEntry[] => {
    const members = findTree(readProcessTable(), { root, remembered, isMarked });
    remembered = new Map(members.map((entry) => [entry.pid, entry.startTicks]));
    return members;
  };
  return {
    usage() {
      const usage = measureTree(findMembers());
      // Time of an orphan that ended is lost with it; what was spent doesn't become less.
      spentUs = Math.max(spentUs, usage.cpuUs);
      return Promise.resolve({ ...usage, cpuUs: spentUs });
    },
    async kill(graceMs) {
      await killMembers(findMembers, graceMs);
    },
    killNow: () => killNow(findMembers()),
    isEmpty: () => findMembers().every((entry) => entry.isZombie),
  };
}
