import { mkdir, readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { InternalError } from '../../core/errors.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Processes } from '../../core/ports/processes.ts';
import type { ChangedFile, Snapshots } from '../../core/ports/snapshots.ts';
import { STATE_DIRECTORY } from '../../core/state-layout.ts';
import { toWriteFailure } from '../../core/write-failure.ts';
import { createGit, gitFailed } from './git.ts';
import type { Git } from './git.ts';
import { ignoredPaths } from './ignored-paths.ts';
import { importCommit } from './import-commit.ts';
import { openPrivateRepository } from './private-repository.ts';
import type { PrivateRepository } from './private-repository.ts';
import { pruneSnapshots, type KeptSnapshots } from './prune.ts';
import { isMissing, withTree } from './stored-tree.ts';
import { findUserRepository, joinNul, splitNul, type UserRepository } from './user-repository.ts';
import { writeTree, type Scope } from './write-tree.ts';

export interface SnapshotsOptions {
  /** The project: absolute, real path. */
  readonly directory: string;
  readonly processes: Processes;
  readonly clock: Pick<Clock, 'now'>;
  readonly baseEnv: Readonly<Record<string, string>>;
  /** Creates `.deep-optimize/` when it is not there. */
  readonly prepareStateDirectory: (stateDirectory: string) => Promise<void>;
  readonly keptSnapshots?: KeptSnapshots;
}

/** Equal trees make equal commits, so that two processes that take the same state write the same ref. */
const COMMIT_IDENTITY = Object.fromEntries(
  ['AUTHOR', 'COMMITTER'].flatMap((role) => [
    [`GIT_${role}_NAME`, 'deep-optimize'],
    [`GIT_${role}_EMAIL`, 'deep-optimize'],
    [`GIT_${role}_DATE`, '2000-01-01T00:00:00Z'],
  ]),
);

const PATCH_FLAGS = [
  '--binary',
  '--full-index',
  '--find-renames',
  '--no-ext-diff',
  '--no-textconv',
  '--no-color',
] as const;

interface Scoped {
  readonly scope: Scope;
  /** The repository that says what belongs to the project. */
  readonly user: UserRepository | undefined;
}

export function createSnapshots(options: SnapshotsOptions): Snapshots {
  const { directory, clock } = options;
  const stateDirectory = join(directory, STATE_DIRECTORY);
  const git = createGit(options.processes, options.baseEnv);
  let opened: Promise<PrivateRepository> | undefined;
  const repository = async (): Promise<PrivateRepository> => {
    // Somebody may have removed it while this server runs.
    if (opened && !(await opened.then((store) => store.isThere()))) opened = undefined;
    opened ??= (async () => {
      await options.prepareStateDirectory(stateDirectory);
      return openPrivateRepository(stateDirectory);
    })().catch((error: unknown) => {
      opened = undefined;
      throw error;
    });
    return opened;
  };

  const scopeOf = async (store: PrivateRepository): Promise<Scoped> => {
    const found = await findUserRepository(git, directory);
    const ignored = found !== undefined && (await isIgnored(git, store, found.root, directory));
    const user = ignored ? undefined : found;
    const forced = (await user?.trackedThoughIgnored()) ?? [];
    const scope = { directory, root: user?.root ?? directory, excludeFile: user?.excludeFile, forced };
    return { scope, user };
  };

  return {
    take: async () => {
      const store = await repository();
      const { scope, user } = await scopeOf(store);
      const head = await user?.head();
      const { tree, files } = await writeTree(git, store, scope, true).catch((error: unknown) => {
        if (!isMissing(error)) throw error;
        // The index of the last time vouches for objects that somebody removed.
        return writeTree(git, store, scope, false);
      });
      const id = `snap_${tree.slice(0, 12)}`;
      await keep(git, store, directory, id, tree);
      return { id, tree, files, ...(head === undefined ? {} : { head }), created_at: clock.now() };
    },

    ofCommit: async (name) => {
      const store = await repository();
      const user = await findUserRepository(git, directory);
      const found = user && (await importCommit(git, store, user, directory, name));
      if (!found) return undefined;
      const id = `snap_${found.tree.slice(0, 12)}`;
      await keep(git, store, directory, id, found.tree);
      const head = { commit: found.commit, dirty: false };
      return { id, tree: found.tree, files: found.files, head, created_at: clock.now() };
    },

    checkout: async (snapshot, target) => {
      const store = await repository();
      await makeEmpty(target);
      await withTree(git, store, directory, snapshot, () =>
        store.withTemporary(async (index) => {
          const env = { GIT_DIR: store.directory, GIT_WORK_TREE: target, GIT_INDEX_FILE: index };
          await git.run({ args: ['read-tree', snapshot.tree], cwd: target, env });
          // Over what a first try may have written.
          await git.run({ args: ['checkout-index', '--all', '--force', '--quiet'], cwd: target, env });
        }),
      );
    },

    restoreFiles: async (snapshot, target, paths) => {
      const store = await repository();
      await withTree(git, store, directory, snapshot, () =>
        store.withTemporary(async (index) => {
          const env = { GIT_DIR: store.directory, GIT_WORK_TREE: target, GIT_INDEX_FILE: index };
          const call = (args: readonly string[], input = '') => ({ args, cwd: target, env, input });
          await git.run(call(['read-tree', snapshot.tree]));
          const held = new Set(splitNul(await git.run(call(['ls-files', '-z', '--cached']))));
          const wanted = paths.filter((path) => held.has(path));
          await git.run(call(['checkout-index', '--force', '--quiet', '-z', '--stdin'], joinNul(wanted)));
        }),
      );
    },

    readFile: async (snapshot, path) => {
      const store = await repository();
      const env = { GIT_DIR: store.directory, GIT_WORK_TREE: directory };
      return await withTree(git, store, directory, snapshot, async () => {
        const args = ['cat-file', 'blob', `${snapshot.tree}:${path}`];
        const result = await git.attempt({ args, cwd: directory, env });
        return result.code === 0 ? result.stdout : undefined;
      });
    },

    ignored: async () => {
      const store = await repository();
      return await ignoredPaths(git, store, (await scopeOf(store)).scope);
    },

    prune: async (wanted) => {
      if ((await stat(join(stateDirectory, 'snapshots.git')).catch(() => undefined)) === undefined) return 0;
      return await pruneSnapshots(git, await repository(), directory, wanted, options.keptSnapshots);
    },

    diff: async (from, to) => {
      const store = await repository();
      const env = { GIT_DIR: store.directory, GIT_WORK_TREE: directory };
      const compare = async () => {
        const counts = await git.run({
          args: ['diff-tree', '-r', '-z', '--numstat', '--no-renames', from.tree, to.tree],
          cwd: directory,
          env,
        });
        // Over a file: a patch has no bound that a pipe's buffer could be sized for.
        const patch = await store.withTemporary(async (file) => {
          const args = ['diff', ...PATCH_FLAGS, `--output=${file}`, from.tree, to.tree];
          await git.run({ args, cwd: directory, env });
          return readFile(file, 'utf8');
        });
        return { patch, files: splitNul(counts).map(toChangedFile) };
      };
      const ofBoth = () => withTree(git, store, directory, to, compare);
      return await withTree(git, store, directory, from, ofBoth);
    },
  };
}

/** A commit and a ref hold the tree when somebody runs a garbage collection there. */
async function keep(
  git: Git,
  store: PrivateRepository,
  cwd: string,
  id: string,
  tree: string,
): Promise<void> {
  const ref = `refs/snapshots/${id}`;
  const env = { GIT_DIR: store.directory, GIT_WORK_TREE: cwd, ...COMMIT_IDENTITY };
  const commit = (await git.run({ args: ['commit-tree', '-m', id, tree], cwd, env })).trim();
  const update = { args: ['update-ref', ref, commit], cwd, env };
  const result = await git.attempt(update);
  if (result.code === 0) return;
  // Another process is at the same ref; it writes the same value.
  const there = await git.attempt({ args: ['rev-parse', '--verify', '--quiet', ref], cwd, env });
  if (there.stdout.trim() !== commit && !/cannot lock ref/.test(result.stderr))
    throw gitFailed(update, result);
}

/** A project inside an ignored directory of somebody's repository: that repository says nothing about it. */
async function isIgnored(
  git: Git,
  store: PrivateRepository,
  root: string,
  directory: string,
): Promise<boolean> {
  if (root === directory) return false;
  return store.withTemporary(async (index) => {
    const result = await git.attempt({
      args: ['check-ignore', '--quiet', '--no-index', directory],
      cwd: root,
      env: { GIT_DIR: store.directory, GIT_WORK_TREE: root, GIT_INDEX_FILE: index },
    });
    return result.code === 0;
  });
}

async function makeEmpty(target: string): Promise<void> {
  let entries: readonly string[];
  try {
    await mkdir(target, { recursive: true });
    entries = await readdir(target);
  } catch (error) {
    throw toWriteFailure(error, target);
  }
  if (entries.length === 0) return;
  throw new InternalError('internal', `A snapshot cannot be checked out to ${target}: it is not empty.`, {
    fix: 'Please report this as a defect of deep-optimize.',
  });
}

/** `3\t1\tpath`, or `-\t-\tpath` for a binary file. */
function toChangedFile(line: string): ChangedFile {
  const [added = '', removed = '', ...path] = line.split('\t');
  return { path: path.join('\t'), added: Number(added) || 0, removed: Number(removed) || 0 };
}
