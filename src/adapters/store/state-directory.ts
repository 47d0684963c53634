import { lstat, mkdir, realpath, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { STATE_GITIGNORE } from '../../core/state-layout.ts';
import { notWritable, toWriteFailure } from '../../core/write-failure.ts';

/** Creates `.deep-optimize/` with its inner .gitignore. What is already there stays as it is. */
export async function prepareStateDirectory(directory: string): Promise<void> {
  try {
    await refuseForeignLink(directory);
    await mkdir(directory, { recursive: true });
    await writeFile(join(directory, '.gitignore'), STATE_GITIGNORE, { flag: 'wx' }).catch(ignoreExisting);
  } catch (error) {
    throw toWriteFailure(error, directory);
  }
}

/** A repository can carry a link of that name: following it out of the project would write wherever it points. */
async function refuseForeignLink(directory: string): Promise<void> {
  const found = await lstat(directory).catch(() => undefined);
  if (found?.isSymbolicLink() !== true) return;
  const [target, parent] = await Promise.all([
    realpath(directory).catch(() => ''),
    realpath(dirname(resolve(directory))),
  ]);
  if (!target.startsWith(join(parent, '/'))) {
    throw notWritable(directory, 'it is a link that leads out of the project');
  }
}

function ignoreExisting(error: unknown): void {
  if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return;
  throw error;
}
