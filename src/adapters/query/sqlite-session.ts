import { statSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import Database from 'libsql';
import type { Tree } from '../../core/behaviour/model.ts';
import { EnvironmentError, InputError, TargetError } from '../../core/errors.ts';
import { placeOfWord, readSqliteStatement } from '../../core/query/sqlite-statement.ts';
import type { Session } from './session.ts';

export interface SqliteOptions {
  /** Absolute path of the database file. */
  readonly path: string;
  readonly sql: string;
  readonly params: readonly (readonly unknown[])[];
  readonly writes: boolean;
  /** How long to wait for a lock that another process holds, in ms. */
  readonly busyTimeoutMs: number;
}

/** What libsql takes; a boolean or an object makes it end the whole process (0.5.29). */
type SqliteValue = string | number | bigint | null;

/**
 * The statement is prepared once and executed many times, as a program with a statement cache does. libsql ignores its own
 * option `readonly`, so reading is kept to reading three times: the file is opened with mode=ro, PRAGMA query_only is on
 * (mode=ro alone lets ATTACH and VACUUM INTO write other files), and the statement was looked at before.
 */
export function openSqliteSession(options: SqliteOptions): Session {
  const { sql, writes } = options;
  const { parameters, ordered } = readSqliteStatement(sql, { writes });
  const sets = options.params.map((set, index) => toValues(set, index, parameters));
  const database = open(options);
  const statement = told(sql, () => {
    if (!writes) database.exec('PRAGMA query_only = 1');
    const prepared = database.prepare(sql);
    // Raw rows can be had of a statement that returns some only.
    return prepared.reader ? prepared.raw() : prepared;
  });
  const isReader = statement.reader;
  const runOnce = (values: readonly SqliteValue[]): number => {
    if (isReader) return statement.all(values).length;
    statement.run(values);
    return 0;
  };
  const undoable = writes
    ? { begin: database.prepare('BEGIN IMMEDIATE'), undo: database.prepare('ROLLBACK') }
    : undefined;
  const valuesOf = new Map(options.params.map((set, index) => [set, sets[index] ?? []]));

  /** In a transaction that is rolled back, where the statement may write. */
  const undone = <T>(action: () => T): T => {
    undoable?.begin.run();
    try {
      return action();
    } finally {
      // A conflict clause of the statement may have rolled back already.
      if (database.inTransaction) undoable?.undo.run();
    }
  };

  return {
    execute(params) {
      const values = valuesOf.get(params) ?? toValues(params, 0, parameters);
      return told(sql, () =>
        undone(() => {
          const startedAt = performance.now();
          const rows = runOnce(values);
          return Promise.resolve({ ms: performance.now() - startedAt, rows });
        }),
      );
    },
    fetch(params) {
      const values = valuesOf.get(params) ?? toValues(params, 0, parameters);
      return told(sql, () =>
        undone(() => {
          if (!isReader) {
            const { changes } = statement.run(values);
            return Promise.resolve({ columns: ['rows changed'], rows: [[changes]], ordered: true });
          }
          statement.safeIntegers(true);
          const columns = statement.columns().map(({ name }) => name);
          const rows = (statement.all(values) as readonly (readonly unknown[])[]).map((row) =>
            row.map(toTree),
          );
          statement.safeIntegers(false);
          return Promise.resolve({ columns, rows, ordered });
        }),
      );
    },
    serverCpuUs: () => null,
    close() {
      database.close();
      return Promise.resolve();
    },
  };
}

/** Integers beyond 2^53 keep their digits; a blob is its bytes. */
function toTree(value: unknown): Tree {
  if (typeof value === 'bigint') {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : String(value);
  }
  if (value instanceof Uint8Array || value instanceof ArrayBuffer)
    return { base64: Buffer.from(value as Uint8Array).toString('base64') };
  return typeof value === 'number' || typeof value === 'string' ? value : null;
}

function open({ path, writes, busyTimeoutMs }: SqliteOptions): Database.Database {
  // SQLite would make a file that is not there, and say of a directory only "error 14".
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isFile() !== true) {
    throw new EnvironmentError(
      'database_unreachable',
      found === undefined
        ? 'The SQLite file of the workload is not in the checkout.'
        : 'What the workload names as SQLite file is no file.',
      {
        fix: 'Make the file in "setup", which runs in each checkout, or name a git-ignored file in "include" (both sides then share it).',
      },
    );
  }
  try {
    return new Database(`${pathToFileURL(path).href}?mode=${writes ? 'rw' : 'ro'}`, {
      timeout: busyTimeoutMs,
    });
  } catch (error) {
    throw unreachable(error);
  }
}

function unreachable(error: unknown): EnvironmentError {
  return new EnvironmentError('database_unreachable', 'The SQLite file cannot be opened as a database.', {
    fix: 'Check that "file" names an SQLite database that this user may read, and write where the workload writes.',
    output: error instanceof Error ? error.message : String(error),
    cause: error,
  });
}

/** What SQLite says, told as what it means here. */
function told<T>(sql: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error;
    const code = String(error.code);
    const output = error.message;
    if (code === 'SQLITE_NOTADB' || code === 'SQLITE_CANTOPEN' || code.startsWith('SQLITE_CORRUPT')) {
      throw unreachable(error);
    }
    if (code.startsWith('SQLITE_READONLY')) {
      throw new InputError('sql_refused', 'The statement writes, and the workload does not say so.', {
        fix: 'Set "writes" to true: each execution is then rolled back.',
        output,
      });
    }
    const near = /near "(.+)": syntax error/.exec(output)?.[1];
    if (near !== undefined || output.endsWith('syntax error') || output.includes('incomplete input')) {
      const place = near === undefined ? undefined : placeOfWord(sql, near);
      throw new InputError(
        'sql_invalid',
        `The SQL has a syntax error${place === undefined ? '' : ` at ${place}`}.`,
        { fix: 'Correct the statement.', output },
      );
    }
    throw new TargetError('statement_failed', `SQLite rejected the statement (${code}).`, {
      fix: 'Correct the statement, or what "setup" makes of the database.',
      output,
      cause: error,
    });
  }
}

function toValues(set: readonly unknown[], index: number, parameters: number): readonly SqliteValue[] {
  if (set.length !== parameters) {
    throw new InputError(
      'sql_invalid',
      `Parameter set ${index + 1} holds ${set.length} values, and the statement takes ${parameters}.`,
      { fix: 'Give each set of "params" one value for each parameter of the statement.' },
    );
  }
  return set.map((value) => toValue(value, index));
}

function toValue(value: unknown, index: number): SqliteValue {
  // SQLite has no boolean: its own TRUE is 1.
  if (typeof value === 'boolean') return value ? 1n : 0n;
  // As number, libsql binds a whole one as REAL.
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (value === null || typeof value === 'string') return value;
  throw new InputError(
    'sql_invalid',
    `Parameter set ${index + 1} holds a list or an object, which SQLite does not take.`,
    { fix: 'Give numbers, strings, booleans or null; JSON as a string.' },
  );
}
