import { readFile, realpath, stat } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';
import { InputError } from '../../core/errors.ts';
import type { DataTable } from '../../core/load/data-rows.ts';
import type { DataFiles } from '../../core/ports/data-files.ts';
import { parseCsv } from './parse-csv.ts';
import { parseJsonl } from './parse-jsonl.ts';

/** Of one file: more would have to go through a pipe to every generator, and no window asks for so many rows. */
const MAX_BYTES = 50 * 1024 * 1024;

/** Files that are kept: that of either side of a block. */
const KEPT_FILES = 2;

export interface DataFilesOptions {
  readonly maxBytes?: number;
}

export function createDataFiles({ maxBytes = MAX_BYTES }: DataFilesOptions = {}): DataFiles {
  /** By path, time and size, newest last. */
  const kept = new Map<string, DataTable>();
  return {
    async read({ directory, file, projectDirectory }) {
      const path = await findInside(file, directory, [directory, projectDirectory]);
      const { size, mtimeMs } = await stat(path);
      if (size > maxBytes) {
        throw refused(
          `${file} has ${size} bytes; a data file may have ${maxBytes}.`,
          'Take a part of its rows.',
        );
      }
      const key = JSON.stringify([path, mtimeMs, size]);
      const known = kept.get(key);
      if (known !== undefined) return known;
      const table = await parse(file, await readFile(path));
      if (table.rows.length === 0) {
        throw refused(
          `${file} has no rows.`,
          'Give it one row at least, beside the line of column names of a CSV file.',
        );
      }
      kept.set(key, table);
      for (const old of [...kept.keys()].slice(0, -KEPT_FILES)) kept.delete(old);
      return table;
    },
  };
}

function parse(file: string, content: Buffer): DataTable | Promise<DataTable> {
  const text = decode(file, content);
  return extname(file).toLowerCase() === '.csv' ? parseCsv(file, text) : parseJsonl(file, text);
}

/** UTF-8, with or without a byte order mark. Bytes that are none would become other values in silence. */
function decode(file: string, content: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch {
    throw refused(`${file} is not UTF-8 text.`, 'Save it as UTF-8.');
  }
}

/** The real path of the file. A link in the repository must not make the server read what is not the project's. */
async function findInside(file: string, directory: string, roots: readonly string[]): Promise<string> {
  const path = await realpath(join(directory, file)).catch(() => undefined);
  if (path === undefined) {
    throw refused(
      `There is no file ${file} in the checkout of the project.`,
      'Correct data.file; a git-ignored file must be named in "include" too.',
    );
  }
  const allowed = await Promise.all(roots.map((root) => realpath(root)));
  if (!allowed.some((root) => path.startsWith(root + sep))) {
    throw refused(`${file} leads out of the project.`, 'Use a file of the project itself.');
  }
  if (!(await stat(path)).isFile()) throw refused(`${file} is not a file.`, 'Correct data.file.');
  return path;
}

function refused(message: string, fix: string): InputError {
  return new InputError('invalid_data', message, { fix });
}
