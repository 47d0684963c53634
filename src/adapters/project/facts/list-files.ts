import { readdir } from 'node:fs/promises';
import { join, posix } from 'node:path';

/** Bound of the look: enough for a service, quick in a large repository. */
const MAX_ENTRIES = 20_000;

/** Never looked into: what others wrote, and what a build made. */
const SKIPPED = new Set([
  'node_modules',
  'dist',
  'build',
  'out',
  'coverage',
  'vendor',
  'public',
  'fixtures',
  '__fixtures__',
]);

/** Files by path relative to the project, with forward slashes; breadth first and by name: what matters is rarely deep. */
export async function listFiles(project: string): Promise<readonly string[]> {
  const files: string[] = [];
  const folders = ['.'];
  let seen = 0;
  for (let next = 0; next < folders.length && seen < MAX_ENTRIES; next++) {
    const folder = folders[next] ?? '.';
    const entries = await readdir(join(project, folder), { withFileTypes: true }).catch(() => []);
    seen += entries.length;
    for (const entry of [...entries].sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = posix.join(folder, entry.name);
      if (entry.isDirectory() && !entry.name.startsWith('.') && !SKIPPED.has(entry.name)) folders.push(path);
      else if (entry.isFile()) files.push(path);
    }
  }
  return files;
}
