import { devNull } from 'node:os';
import type { Git } from './git.ts';
import type { PrivateRepository } from './private-repository.ts';
import { splitNul } from './user-repository.ts';
import { isAlwaysExcluded, type Scope } from './write-tree.ts';

/** `.env` files are linked by themselves. */
const LINKED = /(?:^|\/)\.env(?:\.[^/]*)?$/;

/** Files and directories of a project that patterns ignore, directories as a whole: what a checkout does not have. */
export async function ignoredPaths(
  git: Git,
  store: PrivateRepository,
  { directory, root, excludeFile }: Scope,
): Promise<readonly string[]> {
  return await store.withTemporary(async (index) => {
    const listed = await git.run({
      args: [
        '-c',
        `core.excludesFile=${excludeFile ?? devNull}`,
        ...['ls-files', '-z', '--others', '--ignored', '--exclude-standard', '--directory', '--', '.'],
      ],
      cwd: directory,
      env: { GIT_DIR: store.directory, GIT_WORK_TREE: root, GIT_INDEX_FILE: index },
    });
    return splitNul(listed)
      .map((path) => path.replace(/\/$/, ''))
      .filter((path) => !isAlwaysExcluded(path) && !LINKED.test(path));
  });
}
