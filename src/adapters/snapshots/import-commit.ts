import { join, relative, sep } from 'node:path';
import { EnvironmentError } from '../../core/errors.ts';
import { gitFailed } from './git.ts';
import type { Git } from './git.ts';
import { countEntries } from './index-file.ts';
import type { PrivateRepository } from './private-repository.ts';
import { splitNul } from './user-repository.ts';
import type { UserRepository } from './user-repository.ts';
import { isAlwaysExcluded } from './write-tree.ts';

export interface ImportedCommit {
  readonly commit: string;
  readonly tree: string;
  readonly files: number;
}

/** Mode of an index entry that names a commit of another repository (a submodule): its files are not here. */
const GITLINK = '160000';

/**
 * Copies the project's part of a commit from the user's repository into ours. That one is only read: its object directory
 * is lent to a git that has our directory as its own, so that nothing is written there and no configuration of it (a filter,
 * a remote that would be asked for missing objects) counts. Files come as they were committed, without conversion.
 */
export async function importCommit(
  git: Git,
  store: PrivateRepository,
  user: UserRepository,
  directory: string,
  name: string,
): Promise<ImportedCommit | undefined> {
  const found = await user.resolve(name);
  if (!found) return undefined;
  const env = {
    GIT_DIR: store.directory,
    GIT_WORK_TREE: directory,
    GIT_ALTERNATE_OBJECT_DIRECTORIES: quotePath(found.objects),
  };
  const prefix = relative(user.root, directory).split(sep).join('/');
  const whole = await git.attempt({
    args: ['rev-parse', '--verify', '--quiet', `${found.commit}:${prefix}`],
    cwd: directory,
    env,
  });
  // The project's folder did not exist in that commit.
  if (whole.code !== 0) return undefined;
  return await store.withTemporary(async (index) => {
    const call = (args: readonly string[], input?: string) => ({
      args,
      cwd: directory,
      env: { ...env, GIT_INDEX_FILE: index },
      ...(input === undefined ? {} : { input }),
    });
    await git.run(call(['read-tree', whole.stdout.trim()]));
    const entries = splitNul(await git.run(call(['ls-files', '-z', '--stage'])));
    const unwanted = entries
      .map(toEntry)
      .filter(({ mode, path }) => mode === GITLINK || isAlwaysExcluded(path));
    if (unwanted.length > 0) {
      const paths = unwanted.map(({ path }) => `${path}\0`).join('');
      await git.run(call(['update-index', '-z', '--force-remove', '--stdin'], paths));
    }
    const tree = (await git.run(call(['write-tree']))).trim();
    const pack = {
      args: ['pack-objects', '--revs', '--quiet', '--window=0', join(store.directory, 'objects/pack/pack')],
      cwd: directory,
      env,
      input: `${tree}\n`,
    };
    const packed = await git.attempt(pack);
    if (packed.code !== 0) throw toImportFailure(name, packed.stderr) ?? gitFailed(pack, packed);
    return { commit: found.commit, tree, files: await countEntries(index) };
  });
}

/** `100644 <object> 0\tpath` */
function toEntry(line: string): { readonly mode: string; readonly path: string } {
  const tab = line.indexOf('\t');
  return { mode: line.slice(0, 6), path: line.slice(tab + 1) };
}

/** Git takes a list here; a quoted path may hold its separator. */
function quotePath(path: string): string {
  return `"${path.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

/** A partial or shallow clone names objects that it does not hold. */
function toImportFailure(name: string, said: string): EnvironmentError | undefined {
  if (!/unable to (?:read|load)|missing|bad object|could not (?:read|get)/i.test(said)) return undefined;
  return new EnvironmentError(
    'snapshot_missing',
    `The files of commit ${JSON.stringify(name)} are not all in this clone.`,
    {
      fix: 'Fetch them (git fetch, or check the commit out once): a partial clone holds only what was asked for.',
    },
  );
}
