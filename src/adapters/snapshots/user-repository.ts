import { stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Snapshot } from '../../core/model/measurement.ts';
import type { Git } from './git.ts';

/** The repository that the user keeps the project in. Only reading commands are run in it. */
export interface UserRepository {
  /** Its work tree: the project or a directory above it. */
  readonly root: string;
  /** `.git/info/exclude` of it, when there is one. */
  readonly excludeFile: string | undefined;
  /** Files below the project that are tracked although a pattern ignores them; relative to the project. */
  trackedThoughIgnored(): Promise<readonly string[]>;
  head(): Promise<Snapshot['head']>;
  /** A commit by any name that git knows, and where its objects lie. */
  resolve(name: string): Promise<{ readonly commit: string; readonly objects: string } | undefined>;
}

export async function findUserRepository(git: Git, project: string): Promise<UserRepository | undefined> {
  const root = await findWorkTree(project);
  if (root === undefined) return undefined;
  const read = async (args: readonly string[]): Promise<string | undefined> => {
    const result = await git.attempt({ args, cwd: project });
    return result.code === 0 ? result.stdout : undefined;
  };
  const excludePath = (await read(['rev-parse', '--git-path', 'info/exclude']))?.trimEnd();
  const excludeFile = excludePath === undefined ? undefined : resolve(project, excludePath);
  const hasExclude = excludeFile !== undefined && (await exists(excludeFile));
  return {
    root,
    excludeFile: hasExclude ? excludeFile : undefined,
    trackedThoughIgnored: async () =>
      splitNul(await read(['ls-files', '-z', '--cached', '--ignored', '--exclude-standard', '--', '.'])),
    head: async () => {
      const [commit, branch, status] = await Promise.all([
        read(['rev-parse', '--verify', '--quiet', 'HEAD']),
        read(['symbolic-ref', '--quiet', '--short', 'HEAD']),
        read(['status', '--porcelain', '--', '.', ':(exclude,glob)**/.deep-optimize/**']),
      ]);
      if (commit === undefined || status === undefined) return undefined;
      return {
        commit: commit.trim(),
        ...(branch === undefined ? {} : { branch: branch.trim() }),
        dirty: status.trim() !== '',
      };
    },
    resolve: async (name) => {
      const wanted = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`];
      const commit = (await read(wanted))?.trim();
      const objects = (await read(['rev-parse', '--git-path', 'objects']))?.trimEnd();
      return commit === undefined || objects === undefined
        ? undefined
        : { commit, objects: resolve(project, objects) };
    },
  };
}

/** The nearest directory with a `.git`: a directory, or the file of a linked work tree or submodule. */
async function findWorkTree(from: string): Promise<string | undefined> {
  for (let directory = from; ; directory = dirname(directory)) {
    if (await exists(join(directory, '.git'))) return directory;
    if (dirname(directory) === directory) return undefined;
  }
}

export function splitNul(text: string | undefined): readonly string[] {
  return (text ?? '').split('\0').filter((part) => part !== '');
}

export function joinNul(paths: readonly string[]): string {
  return paths.map((path) => `${path}\0`).join('');
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
