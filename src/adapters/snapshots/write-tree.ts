import { devNull } from 'node:os';
import { join, relative, sep } from 'node:path';
import { STATE_DIRECTORY } from '../../core/state-layout.ts';
import type { Git } from './git.ts';
import { countEntries } from './index-file.ts';
import type { PrivateRepository } from './private-repository.ts';
import { joinNul, splitNul } from './user-repository.ts';

/**
 * Never part of a snapshot, whatever .gitignore files say. Pathspecs, because a `!node_modules` in a .gitignore beats
 * every exclude file.
 */
const ALWAYS_EXCLUDED = [STATE_DIRECTORY, 'node_modules'].flatMap((name) => [
  `:(exclude,glob)**/${name}`,
  `:(exclude,glob)**/${name}/**`,
]);

/** What decides which files of a directory belong to a snapshot. */
export interface Scope {
  readonly directory: string;
  /** Work tree as git sees it: .gitignore files from here down are honoured. */
  readonly root: string;
  readonly excludeFile: string | undefined;
  readonly forced: readonly string[];
}

/** The files of a scope as a tree in our repository. `cached`: the index of the last time says which files need not be read. */
export async function writeTree(
  git: Git,
  store: PrivateRepository,
  scope: Scope,
  cached: boolean,
): Promise<{ readonly tree: string; readonly files: number }> {
  return store.withTemporary(async (index) => {
    const call = (args: readonly string[], input?: string) => ({
      args: ['-c', `core.excludesFile=${scope.excludeFile ?? devNull}`, ...args],
      cwd: scope.directory,
      env: { GIT_DIR: store.directory, GIT_WORK_TREE: scope.root, GIT_INDEX_FILE: index },
      ...(input === undefined ? {} : { input }),
    });
    const started = Date.now();
    if (cached) await store.loadIndex(index);

    const untracked = splitNul(
      await git.run(
        call(['ls-files', '-z', '--others', '--exclude-standard', '--', '.', ...ALWAYS_EXCLUDED]),
      ),
    );
    // A repository inside (submodule or plain) shows as a directory; git would record its commit, not its files.
    const inner = untracked.filter((path) => path.endsWith('/')).map((path) => path.slice(0, -1));
    const withoutInner = inner.map((path) => `:(exclude,literal)${path}`);
    await git.run(call(['add', '--all', '--', '.', ...ALWAYS_EXCLUDED, ...withoutInner]));

    // What the cached index knows and a pattern ignores by now would stay in it for ever.
    const wanted = new Set(scope.forced.filter((path) => !isAlwaysExcluded(path)));
    const known = splitNul(
      await git.run(call(['ls-files', '-z', '--cached', '--ignored', '--exclude-standard', '--', '.'])),
    );
    const dropped = known.filter((path) => !wanted.has(path));
    if (dropped.length > 0) {
      await git.run(call(['update-index', '-z', '--force-remove', '--stdin'], joinNul(dropped)));
    }
    if (wanted.size > 0) {
      await git.run(call(['update-index', '-z', '--add', '--remove', '--stdin'], joinNul([...wanted])));
    }
    if (cached) await store.keepIndex(index, started);

    const prefix = toPrefix(relative(scope.root, scope.directory));
    for (const path of inner) {
      const inside = join(scope.directory, path);
      const part = await writeTree(
        git,
        store,
        { directory: inside, root: inside, excludeFile: undefined, forced: [] },
        false,
      );
      if (part.files > 0) await git.run(call(['read-tree', `--prefix=${prefix}${path}/`, part.tree]));
    }

    const files = await countEntries(index);
    const tree =
      files === 0
        ? await git.run(call(['mktree']))
        : await git.run(call(['write-tree', ...(prefix === '' ? [] : [`--prefix=${prefix}`])]));
    return { tree: tree.trim(), files };
  });
}

/** What is never part of a snapshot, whether it is committed or not. */
export function isAlwaysExcluded(path: string): boolean {
  return path.split('/').some((part) => part === STATE_DIRECTORY || part === 'node_modules');
}

function toPrefix(path: string): string {
  return path === '' ? '' : `${path.split(sep).join('/')}/`;
}
