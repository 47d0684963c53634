import { setTimeout as sleep } from 'node:timers/promises';
import type { TestPostgres } from './postgres.ts';

type Rows = Awaited<ReturnType<TestPostgres['query']>>;

/**
 * What somebody who looks at the program could leave in its database: by name and definition, since the examples make their
 * tables anew at each start.
 */
export async function stateOf(server: TestPostgres): Promise<Readonly<Record<string, Rows>>> {
  const queries = {
    tables: `SELECT schemaname, tablename FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1, 2`,
    indexes: `SELECT schemaname, indexdef FROM pg_indexes WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1, 2`,
    functions: `SELECT proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1`,
    schemas: `SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_(toast_)?temp_' ORDER BY 1`,
    extensions: 'SELECT extname, extversion FROM pg_extension ORDER BY 1',
    statistics: 'SELECT stxname FROM pg_statistic_ext ORDER BY 1',
    roles: 'SELECT rolname, rolconfig::text FROM pg_roles ORDER BY 1',
    settings: `SELECT name, setting, source FROM pg_settings WHERE name !~ '^transaction' ORDER BY 1`,
    configured: 'SELECT name, setting FROM pg_file_settings ORDER BY seqno',
    perRole: 'SELECT setdatabase::int, setrole::int, setconfig::text FROM pg_db_role_setting ORDER BY 1, 2',
    sessions: `SELECT application_name, state FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()`,
    advisoryLocks: `SELECT mode FROM pg_locks WHERE locktype = 'advisory'`,
    prepared: 'SELECT gid FROM pg_prepared_xacts',
    // Moved on by a reset alone; the counts in it are the program's own and go on.
    statements: await countsStatements(server),
  };
  const entries: [string, Rows][] = [];
  for (const [name, sql] of Object.entries(queries)) entries.push([name, await server.query(sql)]);
  const tables = entries.find(([name]) => name === 'tables')?.[1] ?? [];
  for (const { schemaname, tablename } of tables) {
    const table = `"${String(schemaname)}"."${String(tablename)}"`;
    entries.push([table, await server.query(`SELECT count(*)::int AS rows FROM ${table}`)]);
  }
  return Object.fromEntries(entries);
}

/** Once no session is open any more: one ends a little after its client. What is open after this long stays in the state. */
const SESSIONS_END_MS = 10_000;

/** The state while no program should be using the database. */
export async function stateAtRest(server: TestPostgres): ReturnType<typeof stateOf> {
  const untilMs = performance.now() + SESSIONS_END_MS;
  for (;;) {
    const state = await stateOf(server);
    if (state['sessions']?.length === 0 || performance.now() > untilMs) return state;
    await sleep(50);
  }
}

async function countsStatements(server: TestPostgres): Promise<string> {
  const [found] = await server.query(`SELECT to_regclass('pg_stat_statements_info') IS NOT NULL AS there`);
  return found?.['there'] === true ? 'SELECT stats_reset FROM pg_stat_statements_info' : 'SELECT NULL';
}
