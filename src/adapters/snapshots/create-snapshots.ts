import { mkdir, readFile, readdir } from 'node:fs/promises';
import { devNull } from 'node:os';
import { join, relative, sep } from 'node:path';
import { EnvironmentError, InternalError } from '../../core/errors.ts';
import type { Snapshot } from '../../core/model/measurement.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Processes } from '../../core/ports/processes.ts';
import type { ChangedFile, Snapshots } from '../../core/ports/snapshots.ts';
import { STATE_DIRECTORY } from '../../core/state-layout.ts';
import { toWriteFailure } from '../../core/write-failure.ts';
import { createGit, gitFailed } from './git.ts';
import type { Git } from './git.ts';
import { importCommit } from './import-commit.ts';
import { countEntries } from './index-file.ts';
import { openPrivateRepository } from './private-repository.ts';
import type { PrivateRepository } from './private-repository.ts';
import { findUserRepository, splitNul } from './user-repository.ts';

export interface SnapshotsOptions {
  /** The project: absolute, real path. */
  readonly directory: string;
  readonly processes: Processes;
  readonly clock: Pick<Clock, 'now'>;
  readonly baseEnv: Readonly<Record<string, string>>;
  /** Creates `.deep-optimize/` when it is not there. */
  readonly prepareStateDirectory: (stateDirectory: string) => Promise<void>;
}

/**
 * Never part of a snapshot, whatever .gitignore files say. Pathspecs, because a `!node_modules` in a .gitignore beats
 * every exclude file.
 */
const ALWAYS_EXCLUDED = [STATE_DIRECTORY, 'node_modules'].flatMap((name) => [
  `:(exclude,glob)**/${name}`,
  `:(exclude,glob)**/${name}/**`,
]);

/** Equal trees make equal commits, so that two processes that take the same state write the same ref. */
const COMMIT_IDENTITY = Object.fromEntries(
  ['AUTHOR', 'COMMITTER'].flatMap((role) => [
    [`GIT_${role}_NAME`, 'deep-optimize'],
    [`GIT_${role}_EMAIL`, 'deep-optimize'],
    [`GIT_${role}_DATE`, '2000-01-01T00:00:00Z'],
  ]),
);

/** What decides which files of a directory belong to a snapshot. */
interface Scope {
  readonly directory: string;
  /** Work tree as git sees it: .gitignore files from here down are honoured. */
  readonly root: string;
  readonly excludeFile: string | undefined;
  readonly forced: readonly string[];
}

export function createSnapshots(options: SnapshotsOptions): Snapshots {
  const { directory, clock } = options;
  const stateDirectory = join(directory, STATE_DIRECTORY);
  const git = createGit(options.processes, options.baseEnv);
  let opened: Promise<PrivateRepository> | undefined;
  const repository = (): Promise<PrivateRepository> => {
    opened ??= (async () => {
      await options.prepareStateDirectory(stateDirectory);
      return openPrivateRepository(stateDirectory);
    })().catch((error: unknown) => {
      opened = undefined;
      throw error;
    });
    return opened;
  };

  return {
    take: async () => {
      const store = await repository();
      const user = await findUserRepository(git, directory);
      const ignored = user !== undefined && (await isIgnored(git, store, user.root, directory));
      const inUse = ignored ? undefined : user;
      const [forced, head] = await Promise.all([inUse?.trackedThoughIgnored() ?? [], inUse?.head()]);
      const scope: Scope = {
        directory,
        root: inUse?.root ?? directory,
        excludeFile: inUse?.excludeFile,
        forced,
      };
      const { tree, files } = await writeTree(git, store, scope, true);
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
      await requireTree(git, store, directory, snapshot);
      await makeEmpty(target);
      await store.withTemporary(async (index) => {
        const env = { GIT_DIR: store.directory, GIT_WORK_TREE: target, GIT_INDEX_FILE: index };
        await git.run({ args: ['read-tree', snapshot.tree], cwd: target, env });
        await git.run({ args: ['checkout-index', '--all', '--quiet'], cwd: target, env });
      });
    },

    readFile: async (snapshot, path) => {
      const store = await repository();
      await requireTree(git, store, directory, snapshot);
      const env = { GIT_DIR: store.directory, GIT_WORK_TREE: directory };
      const result = await git.attempt({
        args: ['cat-file', 'blob', `${snapshot.tree}:${path}`],
        cwd: directory,
        env,
      });
      return result.code === 0 ? result.stdout : undefined;
    },

    diff: async (from, to) => {
      const store = await repository();
      await requireTree(git, store, directory, from);
      await requireTree(git, store, directory, to);
      const env = { GIT_DIR: store.directory, GIT_WORK_TREE: directory };
      const counts = await git.run({
        args: ['diff-tree', '-r', '-z', '--numstat', '--no-renames', from.tree, to.tree],
        cwd: directory,
        env,
      });
      // Over a file: a patch has no bound that a pipe's buffer could be sized for.
      const patch = await store.withTemporary(async (file) => {
        const flags = [
          '--binary',
          '--full-index',
          '--find-renames',
          '--no-ext-diff',
          '--no-textconv',
          '--no-color',
        ];
        await git.run({
          args: ['diff', ...flags, `--output=${file}`, from.tree, to.tree],
          cwd: directory,
          env,
        });
        return readFile(file, 'utf8');
      });
      return { patch, files: splitNul(counts).map(toChangedFile) };
    },
  };
}

async function writeTree(
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

async function requireTree(
  git: Git,
  store: PrivateRepository,
  cwd: string,
  snapshot: Snapshot,
): Promise<void> {
  const { tree, id } = snapshot;
  if (/^[0-9a-f]{40,64}$/.test(tree)) {
    const env = { GIT_DIR: store.directory, GIT_WORK_TREE: cwd };
    const result = await git.attempt({ args: ['cat-file', '-e', `${tree}^{tree}`], cwd, env });
    if (result.code === 0) return;
  }
  throw new EnvironmentError(
    'snapshot_missing',
    `The code of snapshot ${JSON.stringify(id)} is not kept here.`,
    {
      fix: 'It was taken on another machine or its snapshots.git was removed. Measure a new baseline.',
      next: [{ tool: 'measure_baseline', arguments: {}, why: 'takes a snapshot of the code as it is now' }],
    },
  );
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

function isAlwaysExcluded(path: string): boolean {
  return path.split('/').some((part) => part === STATE_DIRECTORY || part === 'node_modules');
}

function toPrefix(path: string): string {
  return path === '' ? '' : `${path.split(sep).join('/')}/`;
}

function joinNul(paths: readonly string[]): string {
  return paths.map((path) => `${path}\0`).join('');
}
