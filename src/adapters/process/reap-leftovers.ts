import { lstat, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isTemporaryOf } from '../../core/temporary-names.ts';
import { createMarkFinder, RUN_VARIABLE } from './environment-mark.ts';
import { killMembers } from './kill-tree.ts';
import type { ProcessEntry } from './proc-filesystem.ts';
import { readProcessTable } from './proc-filesystem.ts';

/**
 * Kills what servers that are no more have left of these runs, and removes their temporary directories; returns how many
 * processes that were. Only for runs that no living server owns. Finds no processes where there is no /proc.
 */
export async function reapLeftovers(runIds: readonly string[]): Promise<number> {
  if (runIds.length === 0) return 0;
  try {
    return process.platform === 'linux' ? await killMarked(runIds) : 0;
  } finally {
    await removeTemporary(runIds);
  }
}

async function killMarked(runIds: readonly string[]): Promise<number> {
  const isMarked = createMarkFinder(runIds.map((id) => `${RUN_VARIABLE}=${id}`));
  const isLeftover = (entry: ProcessEntry): boolean => entry.pid !== process.pid && isMarked(entry);
  return await killMembers(() => readProcessTable().entries.filter(isLeftover), 300);
}

async function removeTemporary(runIds: readonly string[]): Promise<void> {
  const names = await readdir(tmpdir()).catch(() => []);
  for (const name of names) {
    if (!isTemporaryOf(name, runIds) || !(await isOurs(join(tmpdir(), name)))) continue;
    // What another user has left in a project that is shared is not ours to remove, and no reason not to open it.
    await rm(join(tmpdir(), name), { recursive: true, force: true }).catch(() => undefined);
  }
}

/** Anybody can make something of such a name in a temporary directory that all share. */
async function isOurs(path: string): Promise<boolean> {
  const found = await lstat(path).catch(() => undefined);
  return found?.isDirectory() === true && (process.getuid === undefined || found.uid === process.getuid());
}
