import type { Kysely, Migration } from 'kysely';
import { Migrator } from 'kysely';
import { sql } from 'kysely';
import { tooNew } from './storage-error.ts';

/** The table that Kysely's Migrator keeps; the names in it are the schema version of a file. */
const VERSION_TABLE = 'kysely_migration';

/** Brings the schema up to date. Safe when several processes do it at once: the steps run under the write lock. */
export async function migrate<Tables>(
  db: Kysely<Tables>,
  steps: Readonly<Record<string, Migration>>,
  file: string,
): Promise<void> {
  const done = await executedSteps(db);
  const unknown = done.filter((name) => !(name in steps));
  if (unknown.length > 0) throw tooNew(file, unknown);
  if (done.length === Object.keys(steps).length) return;
  const migrator = new Migrator({ db, provider: { getMigrations: () => Promise.resolve({ ...steps }) } });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw error instanceof Error ? error : new Error('The migration failed.');
}

async function executedSteps<Tables>(db: Kysely<Tables>): Promise<readonly string[]> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true });
  if (!tables.some((table) => table.name === VERSION_TABLE)) return [];
  const { rows } = await sql<{ readonly name: string }>`select name from ${sql.table(VERSION_TABLE)}`.execute(
    db,
  );
  return rows.map((row) => row.name);
}
