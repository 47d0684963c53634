import { lstat, open } from 'node:fs/promises';
import { join } from 'node:path';
import { sql } from 'kysely';
import type { Store } from '../../core/ports/store.ts';
import { HISTORY_FILE } from '../../core/state-layout.ts';
import { toWriteFailure } from '../../core/write-failure.ts';
import { createArtifacts } from './artifacts.ts';
import { createBaselines } from './baselines.ts';
import { createBottlenecks } from './bottlenecks.ts';
import type { OnUnreadable } from './documents.ts';
import { createExperiments } from './experiments.ts';
import { migrate } from './migrate.ts';
import { migrations } from './migrations/index.ts';
import { createRuns } from './runs.ts';
import type { Tables } from './schema.ts';
import { connectSqlite, sqlite } from './sqlite.ts';
import { prepareStateDirectory } from './state-directory.ts';
import { corrupt } from './storage-error.ts';

export interface StoreOptions {
  /** `<project>/.deep-optimize`; created when it is not there. */
  readonly directory: string;
  /** Told of each record that a list leaves out because it can't be read. */
  readonly onUnreadable?: OnUnreadable;
}

/** Opens the history of a project and brings its schema up to date. */
export async function openStore({ directory, onUnreadable = () => undefined }: StoreOptions): Promise<Store> {
  await prepareStateDirectory(directory);
  const file = join(directory, HISTORY_FILE);
  await refuseForeignFile(file);
  const db = await connectSqlite<Tables>(file);
  try {
    await migrate(db, migrations(sqlite), file);
  } catch (error) {
    await db.destroy();
    throw error;
  }
  let closing: Promise<void> | undefined;
  return {
    runs: createRuns(db, onUnreadable),
    baselines: createBaselines(db),
    bottlenecks: createBottlenecks(db, onUnreadable),
    experiments: createExperiments(db),
    artifacts: createArtifacts(db, directory, onUnreadable),
    close: () => {
      closing ??= (async () => {
        // libsql leaves the WAL behind at close; emptied, the .db file alone is the whole history.
        await sql`pragma wal_checkpoint(truncate)`.execute(db).catch(() => undefined);
        await db.destroy();
      })();
      return closing;
    },
  };
}

/** Before SQLite sees it: opening in WAL mode may write, and a file that isn't ours stays untouched. */
async function refuseForeignFile(file: string): Promise<void> {
  try {
    if ((await lstat(file)).isSymbolicLink()) throw corrupt(file);
    const handle = await open(file, 'r');
    try {
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(16), 0, 16, 0);
      if (bytesRead > 0 && buffer.toString('latin1') !== 'SQLite format 3\0') throw corrupt(file);
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return;
    throw toWriteFailure(error, file);
  }
}
