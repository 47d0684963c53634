import Database from 'libsql';
import { CompiledQuery, Kysely, SqliteDialect, SqliteDriver } from 'kysely';
import type { DatabaseConnection, Driver, SqliteDatabase, SqliteDialectConfig } from 'kysely';
import type { StoreDialect } from './dialect.ts';
import { toStorageError } from './storage-error.ts';

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
  let database: Database.Database | undefined;
  try {
    database = new Database(file);
    database.exec(`pragma busy_timeout = ${BUSY_TIMEOUT_MS}`);
    await enterWal(database);
    // NORMAL is safe from corruption in WAL mode; a power cut may lose the last transactions, a crash of ours none.
    database.exec('pragma synchronous = normal');
    database.exec('pragma foreign_keys = on');
  } catch (error) {
    database?.close();
    throw toStorageError(error, file);
  }
  return new Kysely<Tables>({ dialect: new LibsqlDialect(database, file) });
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

  override createDriver(): Driver {
    return new LibsqlDriver(this.#config, this.#file, this.#inTransaction);
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
