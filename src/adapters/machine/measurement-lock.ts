import { lstatSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { EnvironmentError } from '../../core/errors.ts';
import type { LockHolder } from '../../core/ports/machine.ts';

/** One for each user: another user's files could not be opened anyway. */
export function defaultLockDirectory(): string {
  const { uid, username } = userInfo();
  return join(tmpdir(), `deep-optimize-lock-${uid >= 0 ? uid : username}`);
}

function hasCode(error: unknown, code: string): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code;
}

function isHolder(value: unknown): value is LockHolder {
  if (typeof value !== 'object' || value === null) return false;
  const { pid, run_id, project_dir, since } = value as Partial<Record<keyof LockHolder, unknown>>;
  return (
    typeof pid === 'number' &&
    typeof run_id === 'string' &&
    typeof project_dir === 'string' &&
    typeof since === 'string'
  );
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return hasCode(error, 'EPERM');
  }
}

/** Undefined when the file is missing, or is that of a holder that died: then the present one is about to write its own. */
function readHolder(file: string): LockHolder | undefined {
  try {
    const holder: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return isHolder(holder) && isAlive(holder.pid) ? holder : undefined;
  } catch {
    return undefined;
  }
}

function describeBusy(holder: LockHolder | undefined, cause: unknown): EnvironmentError {
  if (holder === undefined) {
    return new EnvironmentError('busy', 'Another measurement runs on this machine.', {
      fix: 'Wait for it and try again.',
      cause,
    });
  }
  return new EnvironmentError(
    'busy',
    `Another measurement runs on this machine: ${holder.run_id} of ${holder.project_dir} (process ${holder.pid}), since ${holder.since}.`,
    {
      fix: `Two measurements at once disturb each other: wait for it (get_run ${holder.run_id}) or cancel it (cancel_run ${holder.run_id}).`,
      cause,
    },
  );
}

function describeUnusable(directory: string, cause: unknown): EnvironmentError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new EnvironmentError(
    'not_writable',
    `The lock of this machine in ${directory} cannot be used: ${reason}`,
    { fix: 'Make the directory writable for this user, or set DEEP_OPTIMIZE_HOME to one that is.', cause },
  );
}

/** In a directory that everybody may write to, somebody else may have made ours first. */
function prepareDirectory(directory: string): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const stat = lstatSync(directory);
  const uid = process.getuid?.();
  if (!stat.isDirectory()) throw new Error('it is not a directory');
  if (uid !== undefined && stat.uid !== uid) throw new Error('it belongs to another user');
}

/**
 * An exclusive SQLite transaction that is never committed. Its lock is the operating system's (fcntl, LockFileEx): it
 * falls when the process dies, however it dies; a lock file with a pid in it would have to be guessed about. Who holds
 * it stands in a file beside it, because on POSIX any other open and close of the database here would drop the lock.
 */
export function takeMeasurementLock(directory: string, holder: LockHolder): () => Promise<void> {
  const holderFile = join(directory, 'holder.json');
  let database: Database.Database | undefined;
  try {
    prepareDirectory(directory);
    database = new Database(join(directory, 'measurement.lock'));
    database.exec('BEGIN EXCLUSIVE');
    const draft = `${holderFile}.${process.pid}`;
    writeFileSync(draft, JSON.stringify(holder), { mode: 0o600 });
    renameSync(draft, holderFile);
  } catch (error) {
    database?.close();
    throw hasCode(error, 'SQLITE_BUSY')
      ? describeBusy(readHolder(holderFile), error)
      : describeUnusable(directory, error);
  }
  let held: Database.Database | undefined = database;
  return () => {
    if (held !== undefined) {
      // Before the lock falls: afterwards it could be the next holder's.
      rmSync(holderFile, { force: true });
      held.exec('ROLLBACK');
      held.close();
      held = undefined;
    }
    return Promise.resolve();
  };
}
