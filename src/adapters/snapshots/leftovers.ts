import { lstat, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { toWriteFailure } from '../../core/write-failure.ts';

/** What tells that a file was written, by its path below the checkout as git writes it; links and directories have none. */
export type Listing = ReadonlyMap<string, string | null>;

/**
 * Everything in a checkout. Links are listed and never followed; packages in a node_modules of its own are listed and not looked
 * into, which would take seconds and finds what no program writes.
 */
export async function listCheckout(root: string): Promise<Listing> {
  const found = new Map<string, string | null>([['.', null]]);
  const visit = async (folder: string): Promise<void> => {
    const isModules = /(?:^|\/)node_modules$/.test(folder);
    const entries = await readdir(join(root, folder), { withFileTypes: true });
    await Promise.all(
      entries.map(async (entry) => {
        const path = folder === '.' ? entry.name : `${folder}/${entry.name}`;
        found.set(path, entry.isFile() ? await stampOf(join(root, path)) : null);
        if (entry.isDirectory() && (!isModules || entry.name.startsWith('.'))) await visit(path);
      }),
    );
  };
  await visit('.');
  return found;
}

/** The same listing after files of it were written again. */
export async function withNewStamps(
  root: string,
  listing: Listing,
  paths: readonly string[],
): Promise<Listing> {
  const stamps = paths.map(async (path) => [path, await stampOf(join(root, path))] as const);
  return new Map([...listing, ...(await Promise.all(stamps))]);
}

async function stampOf(file: string): Promise<string | null> {
  const found = await lstat(file).catch(() => undefined);
  return found === undefined ? null : [found.ino, found.size, found.mtimeMs, found.ctimeMs].join(' ');
}

export interface Leftovers {
  /** New since, already removed. */
  readonly added: readonly string[];
  /** Written or removed since. */
  readonly changed: readonly string[];
}

/** Removes what was added since a listing, and tells what was changed. */
export async function removeAdded(root: string, before: Listing): Promise<Leftovers> {
  const now = await listCheckout(root);
  const isNew = (path: string): boolean => !before.has(path);
  const files = [...now].filter(([, stamp]) => stamp !== null).map(([path]) => path);
  // What lies below a new directory goes with it.
  const roots = [...now.keys()].filter((path) => isNew(path) && !isNew(parentOf(path)));
  try {
    for (const path of roots) await rm(join(root, path), { recursive: true, force: true, maxRetries: 3 });
  } catch (error) {
    throw toWriteFailure(error, root);
  }
  return {
    added: files.filter(isNew),
    changed: [...before]
      .filter(([path, stamp]) => stamp !== null && now.get(path) !== stamp)
      .map(([path]) => path),
  };
}

function parentOf(path: string): string {
  const end = path.lastIndexOf('/');
  return end < 0 ? '.' : path.slice(0, end);
}
