import { readFile, realpath, stat } from 'node:fs/promises';
import { isAbsolute, join, relative } from 'node:path';
import { InputError } from '../../core/errors.ts';

/** Recordings with the bodies of all answers reach some tens of megabytes. */
const MAX_BYTES = 64 * 2 ** 20;

/** The text of a file of the project that a call names; links that lead out of the project are not followed. */
export async function readImport(project: string, file: string): Promise<string> {
  const shown = JSON.stringify(file.slice(0, 300));
  const fail = (what: string, fix: string, cause?: unknown): InputError =>
    new InputError('invalid_import', `${shown} ${what}.`, { fix, cause });
  let path: string;
  try {
    path = await realpath(join(project, file));
  } catch (cause) {
    throw fail('cannot be found in the project', 'Give the path relative to the project.', cause);
  }
  const inside = relative(await realpath(project), path);
  if (isAbsolute(file) || isAbsolute(inside) || inside.split(/[\\/]/)[0] === '..') {
    throw fail(
      'lies outside of the project',
      'Copy it into the project, e.g. into .deep-optimize/tmp, which git ignores: recordings hold cookies and tokens.',
    );
  }
  try {
    const { size } = await stat(path);
    if (size > MAX_BYTES) {
      throw fail(
        `has ${size} bytes; at most ${MAX_BYTES} are read`,
        'Record a shorter session, or export it without the contents of the answers.',
      );
    }
    return await readFile(path, 'utf8');
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    throw fail('cannot be read', 'Give a file that this user may read.', cause);
  }
}
