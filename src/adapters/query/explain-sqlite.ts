import { pathToFileURL } from 'node:url';
import Database from 'libsql';
import type { ExplainedStatement, Explanation, StatementToExplain } from '../../core/ports/databases.ts';
import { readSqliteStatement } from '../../core/query/sqlite-statement.ts';

/** EXPLAIN QUERY PLAN executes nothing and needs no values: parameters without one are NULL and change no plan. */
export function explainSqlite(path: string, statements: readonly StatementToExplain[]): Explanation {
  const database = new Database(`${pathToFileURL(path).href}?mode=ro`, { timeout: 1000 });
  try {
    database.exec('PRAGMA query_only = 1');
    const explained: ExplainedStatement[] = [];
    const skipped: { fingerprint: string; reason: string }[] = [];
    const tables = listTables(database);
    for (const { fingerprint, sql } of statements) {
      try {
        // One statement, of a kind that can be planned; it may write, since it is not executed.
        readSqliteStatement(sql, { writes: true });
        const plan = database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all();
        explained.push({ fingerprint, mode: 'estimate', plan, tableRows: countRows(database, tables, sql) });
      } catch (error) {
        skipped.push({ fingerprint, reason: error instanceof Error ? error.message : String(error) });
      }
    }
    return { explained, skipped };
  } finally {
    database.close();
  }
}

function listTables(database: Database.Database): readonly string[] {
  const rows = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all() as readonly {
    readonly name: string;
  }[];
  return rows.map(({ name }) => name);
}

/** The last rowid is found in one step, and is about the number of rows where few were deleted; a count would read them all. */
function countRows(
  database: Database.Database,
  tables: readonly string[],
  sql: string,
): Readonly<Record<string, number>> {
  const words = new Set(sql.toLowerCase().split(/[^a-z0-9_]+/));
  return Object.fromEntries(
    tables
      .filter((name) => words.has(name.toLowerCase()))
      .flatMap((name) => {
        try {
          const quoted = `"${name.replaceAll('"', '""')}"`;
          const row = database.prepare(`SELECT max(rowid) AS last FROM ${quoted}`).get() as {
            readonly last: number | null;
          };
          return [[name, row.last ?? 0] as const];
        } catch {
          // WITHOUT ROWID: how many rows there are is not known then.
          return [];
        }
      }),
  );
}
