import { createMarkFinder, TREE_VARIABLE } from './environment-mark.ts';
import { killMembers, killNow } from './kill-tree.ts';
import type { ProcessEntry } from './proc-filesystem.ts';
import { readProcessEntry, readProcessTable } from './proc-filesystem.ts';
import { findTree } from './process-tree.ts';
import type { Tree } from './tree.ts';
import { measureDescendants, measureTree } from './usage.ts';

/** A pid that was freed and given out again between two looks would be missed; pids go round in hours, not in this time. */
const ALL_AGAIN_MS = 5_000;

/** To be called in the same turn as the start: until then the child can't have been waited for, so /proc knows it. */
export function createLinuxTree(pid: number, treeMark: string | undefined): Tree {
  const root = { pid, startTicks: readProcessEntry(pid)?.startTicks ?? 0 };
  const isMarked =
    treeMark === undefined ? (): boolean => false : createMarkFinder([`${TREE_VARIABLE}=${treeMark}`]);
  let remembered: ReadonlyMap<number, number> = new Map([[root.pid, root.startTicks]]);
  let strangers: ReadonlySet<number> = new Set();
  let allReadAt = 0;
  let spentUs = 0;
  const findIn = ({ pids, entries }: ReturnType<typeof readProcessTable>): readonly ProcessEntry[] => {
    const members = findTree(entries, { root, remembered, isMarked });
    remembered = new Map(members.map((entry) => [entry.pid, entry.startTicks]));
    strangers = new Set([...pids].filter((seen) => !remembered.has(seen)));
    return members;
  };
  const findMembers = (): readonly ProcessEntry[] => {
    allReadAt = performance.now();
    return findIn(readProcessTable());
  };
  /** For looks that come again and again: what is a stranger once is one until its pid is free, and need not be read again. */
  const lookAgain = (): readonly ProcessEntry[] =>
    performance.now() - allReadAt > ALL_AGAIN_MS
      ? findMembers()
      : findIn(readProcessTable((known) => strangers.has(known)));
  return {
    usage() {
      const usage = measureTree(lookAgain());
      // Time of an orphan that ended is lost with it; what was spent doesn't become less.
      spentUs = Math.max(spentUs, usage.cpuUs);
      return Promise.resolve({ ...usage, cpuUs: spentUs });
    },
    descendants: () => Promise.resolve(measureDescendants(lookAgain(), root.pid)),
    async kill(graceMs) {
      await killMembers(findMembers, graceMs);
    },
    killNow: () => killNow(findMembers()),
    isEmpty: () => findMembers().every((entry) => entry.isZombie),
  };
}
