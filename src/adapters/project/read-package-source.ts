import { readFile, stat } from 'node:fs/promises';
import { join, posix } from 'node:path';

const MAX_BYTES = 4 * 2 ** 20;

/**
 * Text of a file of an installed package, which no snapshot holds. `file` is relative to the project; links are followed,
 * because package managers and workspaces link packages from elsewhere. Undefined when it is none or too large to show.
 */
export async function readPackageSource(project: string, file: string): Promise<string | undefined> {
  const path = posix.normalize(file);
  if (path.startsWith('..') || posix.isAbsolute(path) || !path.split('/').includes('node_modules'))
    return undefined;
  try {
    const place = join(project, path);
    const found = await stat(place);
    return found.isFile() && found.size <= MAX_BYTES ? await readFile(place, 'utf8') : undefined;
  } catch {
    return undefined;
  }
}
