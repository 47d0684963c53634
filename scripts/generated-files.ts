import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Text by path from the root of the repository. */
export type GeneratedFiles = Readonly<Record<string, string>>;

/** Paths whose text on disk is another one, or is missing. */
export function findStale(files: GeneratedFiles, root = ROOT): readonly string[] {
  return Object.entries(files)
    .filter(([path, text]) => {
      const file = join(root, path);
      return !existsSync(file) || readFileSync(file, 'utf8') !== text;
    })
    .map(([path]) => path);
}

/** Writes the files; with `--check` only compares and ends with 1 when one would change. */
export function writeOrCheck(files: GeneratedFiles): void {
  const stale = findStale(files);
  if (process.argv.includes('--check')) {
    for (const path of stale) console.error(`${path} is not what the code says. Run: npm run generate`);
    if (stale.length > 0) process.exitCode = 1;
    return;
  }
  for (const path of stale) {
    const file = join(ROOT, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, files[path] ?? '');
    console.log(`wrote ${path}`);
  }
}
