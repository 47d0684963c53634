import { setTimeout as sleep } from 'node:timers/promises';
import { InternalError } from '../../core/errors.ts';
import type { ProcessEntry } from './proc-filesystem.ts';
import { readProcessEntry } from './proc-filesystem.ts';

const POLL_MS = 10;
/** After SIGKILL only the kernel's own clean-up is waited for; a busy machine needs tens of ms, never seconds. */
const KILL_LIMIT_MS = 5_000;

function isAlive(entry: ProcessEntry): boolean {
  const now = readProcessEntry(entry.pid);
  return now !== undefined && now.startTicks === entry.startTicks && !now.isZombie;
}

function signal(entry: ProcessEntry, name: 'SIGTERM' | 'SIGKILL'): void {
  // Between look and signal the pid may have gone to another process.
  if (!isAlive(entry)) return;
  try {
    process.kill(entry.pid, name);
  } catch {
    // Ended just now, or runs as another user; the check at the end tells which.
  }
}

/** Kills at once and without waiting: for the moment in which this process itself ends. */
export function killNow(members: readonly ProcessEntry[]): void {
  for (const entry of members) signal(entry, 'SIGKILL');
}

/**
 * Asks every member to end, waits, kills the rest. `findMembers` is asked again each time: what is forked in between is found too.
 * Returns how many processes there were.
 */
export async function killMembers(
  findMembers: () => readonly ProcessEntry[],
  graceMs: number,
): Promise<number> {
  const living = (): readonly ProcessEntry[] => findMembers().filter((entry) => !entry.isZombie);
  const seen = new Set<number>();
  const note = (members: readonly ProcessEntry[]): readonly ProcessEntry[] => {
    for (const entry of members) seen.add(entry.pid);
    return members;
  };

  let members = note(living());
  for (const entry of members) signal(entry, 'SIGTERM');
  const graceEnd = performance.now() + graceMs;
  while (members.length > 0 && performance.now() < graceEnd) {
    await sleep(POLL_MS);
    // The whole table is read again only when those that were asked are gone.
    if (!members.some(isAlive)) members = note(living());
  }

  members = note(living());
  const killEnd = performance.now() + KILL_LIMIT_MS;
  while (members.length > 0) {
    killNow(members);
    await sleep(POLL_MS);
    members = note(living());
    if (members.length > 0 && performance.now() > killEnd) {
      throw new InternalError(
        'internal',
        `Processes ${members.map((entry) => entry.pid).join(', ')} could not be killed.`,
        { fix: 'End them by hand; they may run as another user or hang in the kernel.' },
      );
    }
  }
  return seen.size;
}
