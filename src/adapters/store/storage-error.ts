import { EnvironmentError, InternalError } from '../../core/errors.ts';
import { notWritable } from '../../core/write-failure.ts';

/** The result codes of SQLite (https://www.sqlite.org/rescode.html) in the words of who can fix it. */
export function toStorageError(error: unknown, file: string): Error {
  if (!(error instanceof Error)) return new Error(String(error));
  const code = codeOf(error);
  if (code.startsWith('SQLITE_NOTADB') || code.startsWith('SQLITE_CORRUPT')) return corrupt(file, error);
  if (code === 'SQLITE_ERROR' && /no such (?:table|column)/.test(error.message)) return corrupt(file, error);
  if (code.startsWith('SQLITE_FULL')) return notWritable(file, 'the disk is full', error);
  if (code.startsWith('SQLITE_READONLY') || code.startsWith('SQLITE_PERM')) {
    return notWritable(file, 'it is read-only for this user', error);
  }
  if (code.startsWith('SQLITE_IOERR')) return notWritable(file, 'the disk reported an error', error);
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) {
    return notWritable(file, 'another process has kept it locked for several seconds', error);
  }
  // libsql reports a failed open in words, without a code: 14 is SQLITE_CANTOPEN.
  if (code.startsWith('SQLITE_CANTOPEN') || /Unable to open connection .*: 14\b/.test(error.message)) {
    return notWritable(file, 'it cannot be opened or created', error);
  }
  if (code.startsWith('SQLITE_')) {
    return new InternalError('internal', `The history answered ${code}.`, {
      fix: 'Please report this as a defect of deep-optimize.',
      cause: error,
    });
  }
  return error;
}

/** SQLITE_READONLY_DIRECTORY: a WAL would have to be created beside the file, and can't be. */
export function isReadOnlyDirectory(error: unknown): boolean {
  return error instanceof Error && 'rawCode' in error && error.rawCode === 1544;
}

/** libsql has no name for some extended codes ("UNKNOWN_SQLITE_ERROR_1544"): the low byte is the primary code. */
function codeOf(error: Error): string {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const raw = 'rawCode' in error && typeof error.rawCode === 'number' ? error.rawCode : 0;
  return code.startsWith('SQLITE_') ? code : (PRIMARY_CODES[raw & 0xff] ?? code);
}

const PRIMARY_CODES: Readonly<Record<number, string>> = {
  3: 'SQLITE_PERM',
  5: 'SQLITE_BUSY',
  6: 'SQLITE_LOCKED',
  8: 'SQLITE_READONLY',
  10: 'SQLITE_IOERR',
  11: 'SQLITE_CORRUPT',
  13: 'SQLITE_FULL',
  14: 'SQLITE_CANTOPEN',
  26: 'SQLITE_NOTADB',
};

export function corrupt(file: string, cause?: unknown): EnvironmentError {
  return new EnvironmentError('state_corrupt', `${file} is not a readable history database.`, {
    fix: `It was left untouched. Move it aside together with its -wal and -shm files, e.g. to ${file}.broken; the next call starts a new history. Goals, budgets and decisions are not in it.`,
    cause,
  });
}

export function tooNew(file: string, unknown: readonly string[]): EnvironmentError {
  return new EnvironmentError(
    'state_too_new',
    `${file} was written by a newer deep-optimize (it has the unknown schema steps ${unknown.join(', ')}).`,
    { fix: 'Update deep-optimize, or move the file aside to start a new history. It was left untouched.' },
  );
}
