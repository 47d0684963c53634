import { stat } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import Database from 'libsql';
import { CompiledQuery, Kysely, SqliteAdapter, SqliteDialect, SqliteDriver } from 'kysely';
import type { DatabaseConnection, DialectAdapter, Driver, SqliteDatabase, SqliteDialectConfig } from 'kysely';
import type { StoreDialect } from './dialect.ts';
import { isReadOnlyDirectory, toStorageError } from './storage-error.ts';

export const sqlite: StoreDialect = {
  addSequence: (table) => table.addColumn('seq', 'integer', (column) => column.primaryKey().autoIncrement()),
};

/**
 * How long a write waits for another process, in ms. libsql is synchronous, so the event loop waits too; our
 * transactions take a few ms each.
 */
const BUSY_TIMEOUT_MS = 5000;
const WAL_ATTEMPTS = 100;
const WAL_PAUSE_MS = 50;

/** A connection to the file, in WAL mode. Rejects with the errors of storage-error.ts; then nothing is left open. */
export async function connectSqlite<Tables>(file: string): Promise<Kysely<Tables>> {
  try {
    return new Kysely<Tables>({ dialect: new LibsqlDialect(await openDatabase(file), file) });
  } catch (error) {
    throw toStorageError(error, file);
  }
}

async function openDatabase(file: string): Promise<Database.Database> {
  try {
    return await openInWal(file);
  } catch (error) {
    if (!isReadOnlyDirectory(error) || (await sizeOf(`${file}-wal`)) > 0) throw error;
    // Nobody can write there, and no WAL holds anything that the file lacks: it can be read as it stands
    // (https://www.sqlite.org/wal.html, section 5, "Read-Only Databases").
    return openInWal(`${pathToFileURL(file).href}?immutable=1`);
  }
}

async function openInWal(location: string): Promise<Database.Database> {
  const database = new Database(location);
  try {
    database.exec(`pragma busy_timeout = ${BUSY_TIMEOUT_MS}`);
    await enterWal(database);
    // NORMAL is safe from corruption in WAL mode; a power cut may lose the last transactions, a crash of ours none.
    database.exec('pragma synchronous = normal');
    database.exec('pragma foreign_keys = on');
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

async function sizeOf(file: string): Promise<number> {
  const facts = await stat(file).catch(() => undefined);
  return facts?.size ?? 0;
}

/** The change to WAL needs the file for itself and does not wait for it (no busy handler): so we do. */
async function enterWal(database: Database.Database): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      database.pragma('journal_mode = WAL');
      return;
    } catch (error) {
      const busy = error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_BUSY');
      if (!busy || attempt === WAL_ATTEMPTS) throw error;
      await new Promise((resolve) => setTimeout(resolve, WAL_PAUSE_MS));
    }
  }
}

/** libsql 0.5.29 aborts the whole process (a panic in Rust) when a boolean is bound. */
function guardParameters(database: Database.Database): SqliteDatabase {
  const check = (parameters: readonly unknown[]): unknown[] => {
    if (parameters.some((parameter) => typeof parameter === 'boolean')) {
      throw new TypeError('A boolean cannot be bound; use 0 and 1.');
    }
    return [...parameters];
  };
  return {
    close: () => void database.close(),
    prepare: (sql) => {
      const statement = database.prepare(sql);
      return {
        reader: statement.reader,
        all: (parameters) => statement.all(check(parameters)),
        run: (parameters) => statement.run(check(parameters)),
        iterate: (parameters) => statement.iterate(check(parameters)),
      };
    },
  };
}

class LibsqlDialect extends SqliteDialect {
  readonly #config: SqliteDialectConfig;
  readonly #file: string;
  readonly #inTransaction: () => boolean;

  constructor(database: Database.Database, file: string) {
    const config = { database: guardParameters(database) };
    super(config);
    this.#config = config;
    this.#file = file;
    this.#inTransaction = () => database.inTransaction;
  }

  override createAdapter(): DialectAdapter {
    return new TransactionalDdlAdapter();
  }

  override createDriver(): Driver {
    return new LibsqlDriver(this.#config, this.#file, this.#inTransaction);
  }
}

/**
 * Kysely says no for SQLite and then migrates without a transaction: two processes would both create the tables, and
 * a crash would leave half a schema. SQLite's schema changes are transactional (https://www.sqlite.org/atomiccommit.html).
 */
class TransactionalDdlAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

class LibsqlDriver extends SqliteDriver {
  readonly #file: string;
  readonly #inTransaction: () => boolean;

  constructor(config: SqliteDialectConfig, file: string, inTransaction: () => boolean) {
    super(config);
    this.#file = file;
    this.#inTransaction = inTransaction;
  }

  override async acquireConnection(): Promise<DatabaseConnection> {
    const connection = await super.acquireConnection();
    const file = this.#file;
    return {
      executeQuery: async (query) => {
        try {
          return await connection.executeQuery(query);
        } catch (error) {
          throw toStorageError(error, file);
        }
      },
      streamQuery: (query, chunkSize) => connection.streamQuery(query, chunkSize),
    };
  }

  /**
   * A deferred transaction that reads before it writes fails at once when another process wrote meanwhile, without
   * waiting. One that takes the write lock first waits for its turn.
   */
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'));
  }

  /**
   * SQLite rolls back by itself when the disk is full (https://www.sqlite.org/lang_transaction.html, section 3); the
   * error of a second rollback would then hide why.
   */
  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    if (this.#inTransaction()) await super.rollbackTransaction(connection);
  }
}
