import { randomUUID } from 'node:crypto';
import { copyFile, lstat, mkdir, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EnvironmentError } from '../../core/errors.ts';
import { toWriteFailure } from '../../core/write-failure.ts';
import { newestChange } from './index-file.ts';

/** The git directory of the snapshots. Its work tree is the project; it has no branches, only `refs/snapshots/`. */
export interface PrivateRepository {
  readonly directory: string;
  isThere(): Promise<boolean>;
  /** A path for an index (or another file) of one call: calls of several processes never share one. */
  withTemporary<Result>(work: (file: string) => Promise<Result>): Promise<Result>;
  /** Puts the index of the last snapshot there, so that git only reads files that changed since. */
  loadIndex(file: string): Promise<void>;
  keepIndex(file: string, startedMs: number): Promise<void>;
}

const CONFIG = [
  '[core]',
  'repositoryformatversion = 0',
  'bare = false',
  'logAllRefUpdates = false',
  `fileMode = ${process.platform !== 'win32'}`,
  `symlinks = ${process.platform !== 'win32'}`,
  `ignoreCase = ${process.platform === 'win32' || process.platform === 'darwin'}`,
  `precomposeUnicode = ${process.platform === 'darwin'}`,
  // Written once and rarely read: the fastest level takes half the time of the default.
  'compression = 1',
  '[gc]',
  'auto = 0',
  '',
].join('\n');

/** Bytes as they are in the working tree: no line-end conversion, no filters (Git LFS keeps its pointers out of here). */
const ATTRIBUTES = '* -text !eol !filter !ident !working-tree-encoding\n';
const EXCLUDE = '.deep-optimize/\n.git\nnode_modules\n';

const STALE_MS = 24 * 3600 * 1000;

/**
 * Every start writes the files that steer git anew: a repository can bring a `snapshots.git` along, and its
 * configuration must not decide what runs here.
 */
export async function openPrivateRepository(stateDirectory: string): Promise<PrivateRepository> {
  const directory = join(stateDirectory, 'snapshots.git');
  const temporary = join(directory, 'tmp');
  const cachedIndex = join(directory, 'index-of-last');
  try {
    await refuseLink(directory);
    for (const folder of ['objects', 'refs/snapshots', 'info', 'tmp']) {
      await mkdir(join(directory, folder), { recursive: true });
    }
    await Promise.all([
      replaceFile('HEAD', 'ref: refs/heads/none\n'),
      replaceFile('config', CONFIG),
      replaceFile('info/attributes', ATTRIBUTES),
      replaceFile('info/exclude', EXCLUDE),
      ...['config.worktree', 'commondir', 'hooks', 'objects/info/alternates'].map((name) =>
        rm(join(directory, name), { recursive: true, force: true }),
      ),
    ]);
    await removeStale(temporary);
  } catch (error) {
    throw toWriteFailure(error, directory);
  }

  async function replaceFile(name: string, content: string): Promise<void> {
    const draft = join(temporary, randomUUID());
    await writeFile(draft, content);
    await rename(draft, join(directory, name));
  }

  return {
    directory,
    isThere: () => exists(join(directory, 'objects')),
    withTemporary: async (work) => {
      const file = join(temporary, randomUUID());
      try {
        return await work(file);
      } finally {
        await rm(file, { force: true });
        await rm(`${file}.lock`, { force: true });
      }
    },
    loadIndex: (file) => copyWithTime(cachedIndex, file),
    keepIndex: async (file, startedMs) => {
      if (!(await exists(file))) return;
      const draft = join(temporary, randomUUID());
      // Git compares times in whole seconds: a file that changed in the second in which it was read could change
      // again without a trace. One second more, because file systems stamp by a coarser clock.
      const before = Math.floor(startedMs / 1000) - 1;
      await copyWithTime(file, draft, (await newestChange(file)) < before ? before : COMPARE_ALL);
      await rename(draft, cachedIndex);
    },
  };
}

/** Index time, in seconds since 1970, at which git compares the content of every file (0 would mean: of none). */
const COMPARE_ALL = 1;

/** Git tells by the time of the index file which entries it must compare by content: a copy has it set or keeps it. */
async function copyWithTime(from: string, to: string, time?: number): Promise<void> {
  const found = await stat(from).catch(() => undefined);
  if (found === undefined) return;
  await copyFile(from, to);
  const seconds = time ?? Math.floor(found.mtimeMs / 1000);
  await utimes(to, seconds, seconds);
}

async function exists(file: string): Promise<boolean> {
  return (await stat(file).catch(() => undefined)) !== undefined;
}

async function refuseLink(directory: string): Promise<void> {
  const found = await lstat(directory).catch(() => undefined);
  if (found === undefined || found.isDirectory()) return;
  throw new EnvironmentError('not_writable', `${directory} is not a directory of its own.`, {
    fix: 'Remove it; deep-optimize creates it again.',
  });
}

async function removeStale(temporary: string): Promise<void> {
  for (const name of await readdir(temporary)) {
    const file = join(temporary, name);
    const found = await stat(file).catch(() => undefined);
    if (found !== undefined && Date.now() - found.mtimeMs > STALE_MS) await rm(file, { force: true });
  }
}
