import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Git } from './git.ts';
import type { PrivateRepository } from './private-repository.ts';

export interface KeptSnapshots {
  /** The newest, that stay in any case. */
  readonly newest: number;
  /** Beyond those, before it is worth reading every object. */
  readonly slack: number;
}

/** A changed file costs its own bytes, packed, and a day of work takes some dozens of snapshots. */
const KEPT: KeptSnapshots = { newest: 500, slack: 100 };

/**
 * Forgets old snapshots but those of `wanted` ids, and gives their bytes back. Objects of the last day stay: another server may
 * be about to name them. Returns how many were forgotten.
 */
export async function pruneSnapshots(
  git: Git,
  store: PrivateRepository,
  cwd: string,
  wanted: () => Promise<readonly string[]>,
  { newest, slack }: KeptSnapshots = KEPT,
): Promise<number> {
  const folder = join(store.directory, 'refs', 'snapshots');
  const ids = await readdir(folder);
  if (ids.length <= newest + slack) return 0;
  const dated = await Promise.all(
    ids.map(async (id) => ({
      id,
      atMs: (await stat(join(folder, id)).catch(() => undefined))?.mtimeMs ?? 0,
    })),
  );
  const keep = new Set(await wanted());
  const old = dated
    .sort((a, b) => b.atMs - a.atMs)
    .slice(newest)
    .filter(({ id }) => !keep.has(id));
  const env = { GIT_DIR: store.directory, GIT_WORK_TREE: cwd };
  const deletions = old.map(({ id }) => `delete refs/snapshots/${id}\0\0`).join('');
  await git.run({ args: ['update-ref', '-z', '--stdin'], cwd, env, input: deletions });
  await git.run({ args: ['repack', '-a', '-d', '-q'], cwd, env });
  await git.run({ args: ['prune', '--expire=1.day.ago'], cwd, env });
  return old.length;
}
