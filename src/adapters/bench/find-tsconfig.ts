import { existsSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

/** The tsconfig.json nearest to a module, not above the directory: tsx itself looks beside the working directory only. */
export function findTsconfig(directory: string, module: string): string | undefined {
  let folder = dirname(join(directory, module));
  for (;;) {
    const file = join(folder, 'tsconfig.json');
    if (existsSync(file)) return file;
    if (relative(directory, folder) === '') return undefined;
    folder = dirname(folder);
  }
}
