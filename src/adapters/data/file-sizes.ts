import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { TargetError } from '../../core/errors.ts';
import type { FileSizes } from '../../core/ports/file-sizes.ts';

export function createFileSizes(): FileSizes {
  return {
    total: async ({ directory, paths }) => {
      const sizes = new Map<string, number>();
      for (const path of paths) {
        const found = await expand(directory, path.split('/'));
        const files = (await Promise.all(found.map((start) => filesBelow(directory, start)))).flat();
        if (files.length === 0) {
          throw new TargetError('expectation_failed', `Nothing to weigh: ${path} finds no file.`, {
            fix: 'Correct "bundle" of the workload, or let "setup" (of a command workload the command itself) write the files: git-ignored ones are not in the checkout.',
          });
        }
        for (const { file, bytes } of files) sizes.set(file, bytes);
      }
      return [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0);
    },
  };
}

/** Paths below a directory that a pattern means; what has no "*" need not exist. */
async function expand(directory: string, [first, ...rest]: readonly string[]): Promise<readonly string[]> {
  if (first === undefined) return ['.'];
  const names = first.includes('*')
    ? (await readdir(directory).catch(() => [])).filter((name) => patternOf(first).test(name)).sort()
    : [first];
  const below = names.map(async (name) =>
    (await expand(join(directory, name), rest)).map((path) => join(name, path)),
  );
  return (await Promise.all(below)).flat();
}

function patternOf(name: string): RegExp {
  const parts = name.split('*').map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join('.*')}$`);
}

interface FoundFile {
  readonly file: string;
  readonly bytes: number;
}

async function filesBelow(directory: string, path: string): Promise<readonly FoundFile[]> {
  const found = await lstat(join(directory, path)).catch(() => undefined);
  if (found?.isFile() === true) return [{ file: path, bytes: found.size }];
  if (found?.isDirectory() !== true) return [];
  const names = await readdir(join(directory, path));
  return (await Promise.all(names.map((name) => filesBelow(directory, join(path, name))))).flat();
}
