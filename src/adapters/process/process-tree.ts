import type { ProcessEntry } from './proc-filesystem.ts';

export interface TreeRoot {
  readonly pid: number;
  /** 0: not known, because the process was already gone when it was looked at. */
  readonly startTicks: number;
}

export interface TreeQuestion {
  readonly root: TreeRoot;
  /** pid -> start of processes that belonged to the tree when it was last looked at: an orphan keeps belonging to it. */
  readonly remembered: ReadonlyMap<number, number>;
  /** Whether a process carries the tree's mark in its environment; asked only when nothing else tells. */
  readonly isMarked: (entry: ProcessEntry) => boolean;
}

/**
 * All processes of a tree: the root, its session and group (it leads both), those that were seen in it before, those
 * with its mark (a daemon that left the session and lost its parents), and all descendants of these.
 */
export function findTree(table: readonly ProcessEntry[], question: TreeQuestion): readonly ProcessEntry[] {
  const { root, remembered, isMarked } = question;
  const children = new Map<number, ProcessEntry[]>();
  for (const entry of table) {
    const siblings = children.get(entry.parentPid);
    if (siblings === undefined) children.set(entry.parentPid, [entry]);
    else siblings.push(entry);
  }
  // The kernel hands out no pid that a living session or group still has as its number; so a stranger under the
  // root's pid means that the root's session is empty, and the number says nothing any more.
  const reused = table.some((entry) => entry.pid === root.pid && entry.startTicks !== root.startTicks);
  const members = new Map<number, ProcessEntry>();
  const add = (entry: ProcessEntry): void => {
    if (members.has(entry.pid) || entry.pid === process.pid || entry.pid === 1) return;
    members.set(entry.pid, entry);
    for (const child of children.get(entry.pid) ?? []) add(child);
  };
  for (const entry of table) {
    const inSession = !reused && (entry.session === root.pid || entry.group === root.pid);
    if (inSession || remembered.get(entry.pid) === entry.startTicks) add(entry);
  }
  for (const entry of table) {
    if (!members.has(entry.pid) && entry.startTicks >= root.startTicks && isMarked(entry)) add(entry);
  }
  return [...members.values()];
}
