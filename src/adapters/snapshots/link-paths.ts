import { lstat, mkdir, readdir, realpath, stat, symlink } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { InputError } from '../../core/errors.ts';
import { STATE_DIRECTORY } from '../../core/state-layout.ts';
import { toWriteFailure } from '../../core/write-failure.ts';

/** On Windows a directory can be linked without privileges as a junction only. */
export async function link(target: string, path: string): Promise<void> {
  try {
    const junction = process.platform === 'win32' && (await stat(target)).isDirectory();
    await symlink(target, path, junction ? 'junction' : null);
  } catch (error) {
    throw toWriteFailure(error, path);
  }
}

/**
 * Links git-ignored paths of the project into a checkout. What the snapshot holds itself is not replaced; of a
 * directory that is in both, only what the snapshot lacks is linked. Returns what was linked.
 */
export async function linkIncluded(
  project: string,
  checkout: string,
  include: readonly string[],
): Promise<readonly string[]> {
  const linked: string[] = [];
  for (const path of include) linked.push(...(await linkOne(project, checkout, path)));
  return linked;
}

async function linkOne(project: string, checkout: string, path: string): Promise<readonly string[]> {
  const local = relative(project, resolve(project, path));
  const first = local.split(sep)[0] ?? '';
  if (isAbsolute(path) || local === '' || ['..', '.git', STATE_DIRECTORY].includes(first)) {
    throw refused(path, 'is not a path of a file or directory below the project');
  }
  const source = join(project, local);
  const real = await realpath(source).catch(() => undefined);
  if (real === undefined) throw refused(path, 'does not exist in the project');
  if (!isInside(project, real)) throw refused(path, 'is a link that leads out of the project');
  const target = join(checkout, local);
  try {
    await mkdir(dirname(target), { recursive: true });
  } catch (error) {
    throw toWriteFailure(error, dirname(target));
  }
  // A link in the snapshot could lead the new link anywhere.
  if (!isInside(checkout, await realpath(dirname(target)), true)) {
    throw refused(path, 'stands below a link that leads out of the checkout');
  }
  return merge(project, source, target);
}

async function merge(project: string, source: string, target: string): Promise<readonly string[]> {
  const there = await lstat(target).catch(() => undefined);
  if (there === undefined) {
    await link(source, target);
    return [toPosix(relative(project, source))];
  }
  if (!there.isDirectory() || !(await stat(source)).isDirectory()) return [];
  const names = (await readdir(source)).sort();
  const parts = [];
  for (const name of names) parts.push(await merge(project, join(source, name), join(target, name)));
  return parts.flat();
}

/** Bounds the search in projects with very many directories. */
const MAX_DIRECTORIES = 5000;

/** `.env` and `.env.*` files beside what the snapshot holds; programs read them at start, and git ignores them. */
export async function linkEnvFiles(project: string, checkout: string): Promise<readonly string[]> {
  const linked: string[] = [];
  for (const folder of await directoriesOf(checkout)) {
    const entries = await readdir(join(project, folder), { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      if (!/^\.env(?:\.|$)/.test(entry.name) || !entry.isFile()) continue;
      const target = join(checkout, folder, entry.name);
      if ((await lstat(target).catch(() => undefined)) !== undefined) continue;
      await link(join(project, folder, entry.name), target);
      linked.push(toPosix(join(folder, entry.name)));
    }
  }
  return linked.sort();
}

/** Directories of a tree, relative to it, the tree itself first; without node_modules and links. */
export async function directoriesOf(root: string): Promise<readonly string[]> {
  const found = ['.'];
  for (let next = 0; next < found.length && found.length < MAX_DIRECTORIES; next++) {
    const folder = found[next] ?? '.';
    const entries = await readdir(join(root, folder), { withFileTypes: true });
    const inner = entries.filter((entry) => entry.isDirectory() && entry.name !== 'node_modules');
    found.push(...inner.map((entry) => join(folder, entry.name)));
  }
  return found;
}

export function isInside(directory: string, path: string, orSame = false): boolean {
  const local = relative(directory, path);
  if (local === '') return orSame;
  return local !== '..' && !local.startsWith(`..${sep}`) && !isAbsolute(local);
}

function toPosix(path: string): string {
  return path.split(sep).join('/');
}

function refused(path: string, what: string): InputError {
  return new InputError('invalid_goals', `The included path ${JSON.stringify(path.slice(0, 200))} ${what}.`, {
    fix: "Correct `include` of the workload: paths of git-ignored files that a start needs, relative to the project, e.g. a build's output. Create the path first if it is generated.",
  });
}
