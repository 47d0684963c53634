import { EnvironmentError } from '../../core/errors.ts';
import type { Snapshot } from '../../core/model/measurement.ts';
import type { Git } from './git.ts';
import { importCommit } from './import-commit.ts';
import type { PrivateRepository } from './private-repository.ts';
import { findUserRepository } from './user-repository.ts';

/**
 * Does something with the tree of a snapshot. Where objects of it are gone (somebody cleaned up, a disk lost them), a snapshot
 * that was a clean commit is copied from the user's repository again: a tree of the same name has the same content.
 */
export async function withTree<Result>(
  git: Git,
  store: PrivateRepository,
  directory: string,
  snapshot: Snapshot,
  work: () => Promise<Result>,
): Promise<Result> {
  const whole = async (): Promise<Result> => {
    if (!(await hasTree(git, store, directory, snapshot.tree))) throw snapshotMissing(snapshot);
    return await work();
  };
  try {
    return await whole();
  } catch (error) {
    if (!isMissing(error)) throw error;
    if (!(await copyAgain(git, store, directory, snapshot))) throw snapshotMissing(snapshot);
    return await whole();
  }
}

/** Whether objects that a command of git needs are not there. */
export function isMissing(error: unknown): boolean {
  return error instanceof EnvironmentError && error.code === 'snapshot_missing';
}

async function hasTree(git: Git, store: PrivateRepository, cwd: string, tree: string): Promise<boolean> {
  if (!/^[0-9a-f]{40,64}$/.test(tree)) return false;
  const env = { GIT_DIR: store.directory, GIT_WORK_TREE: cwd };
  return (await git.attempt({ args: ['cat-file', '-e', `${tree}^{tree}`], cwd, env })).code === 0;
}

async function copyAgain(
  git: Git,
  store: PrivateRepository,
  directory: string,
  { head, tree }: Snapshot,
): Promise<boolean> {
  if (head === undefined || head.dirty) return false;
  const user = await findUserRepository(git, directory);
  const found = user && (await importCommit(git, store, user, directory, head.commit));
  return found?.tree === tree;
}

function snapshotMissing({ id }: Snapshot): EnvironmentError {
  return new EnvironmentError(
    'snapshot_missing',
    `The code of snapshot ${JSON.stringify(id)} is not kept here.`,
    {
      fix: 'It was taken on another machine, or files of .deep-optimize/snapshots.git were removed. Compare with a commit instead, or put the code back and measure a new baseline.',
      next: [
        { tool: 'validate_change', arguments: { against: 'HEAD' }, why: 'compare with the last commit' },
        { tool: 'measure_baseline', arguments: {}, why: 'takes a snapshot of the code as it is now' },
      ],
    },
  );
}
