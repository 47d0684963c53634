import { readFile, realpath, stat } from 'node:fs/promises';
import { isAbsolute, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { InputError } from '../../core/errors.ts';

/** Recordings with the bodies of all answers reach some tens of megabytes. */
const MAX_BYTES = 64 * 2 ** 20;

/** A profile of some minutes with many workers; what is parsed of it takes about four times as much memory. */
const MAX_EVIDENCE_BYTES = 256 * 2 ** 20;

const unzip = promisify(gunzip);

/** The text of a file of the project that a call names; links that lead out of the project are not followed. */
export async function readImport(project: string, file: string): Promise<string> {
  const fix = 'Record a shorter session, or export it without the contents of the answers.';
  return (await readInside(project, file, MAX_BYTES, fix)).toString('utf8');
}

/** The bytes of a profile or trace; pprof and whatever else came through gzip is unpacked. */
export async function readEvidence(project: string, file: string): Promise<Uint8Array> {
  const bytes = await readInside(project, file, MAX_EVIDENCE_BYTES, 'Record for a shorter time.');
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return await unzip(bytes, { maxOutputLength: MAX_EVIDENCE_BYTES });
  } catch (cause) {
    throw new InputError(
      'invalid_import',
      `${JSON.stringify(file.slice(0, 300))} is gzip that is cut off, damaged, or larger than ${MAX_EVIDENCE_BYTES} bytes unpacked.`,
      { fix: 'Copy it again, or record for a shorter time.', cause },
    );
  }
}

async function readInside(
  project: string,
  file: string,
  maxBytes: number,
  tooLarge: string,
): Promise<Buffer> {
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
    if (size > maxBytes) {
      throw fail(`has ${size} bytes; at most ${maxBytes} are read`, tooLarge);
    }
    return await readFile(path);
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    throw fail('cannot be read', 'Give a file that this user may read.', cause);
  }
}
