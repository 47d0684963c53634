import type pg from 'pg';
import type { ExplainedStatement, Explanation, StatementToExplain } from '../../core/ports/databases.ts';
import { readExplainable, type Explainable } from './postgres-statement.ts';

/** Of one statement: longer ones are told by their estimate. */
const STATEMENT_TIMEOUT_MS = 5_000;
/** The program under measurement is gone by now; whoever else holds a lock is not to be waited for. */
const LOCK_TIMEOUT_MS = 200;
const IDLE_TIMEOUT_MS = 10_000;

/**
 * Every plan in a transaction of its own that is READ ONLY and rolled back, by the extended protocol, which takes one statement
 * at a time: a text such as `select 1; commit; create table …` cannot leave it. Executed (ANALYZE) is only what PostgreSQL's
 * own parser says is a plain SELECT and calls nothing volatile; everything else is planned and no more.
 */
export async function explainPostgres(
  client: pg.Client,
  statements: readonly StatementToExplain[],
): Promise<Explanation> {
  const explained: ExplainedStatement[] = [];
  const skipped: { fingerprint: string; reason: string }[] = [];
  for (const statement of statements) {
    try {
      const looked = await readExplainable(statement.sql);
      explained.push(await explainOne(client, statement, looked));
    } catch (error) {
      skipped.push({ fingerprint: statement.fingerprint, reason: reasonOf(error) });
    }
  }
  return { explained, skipped };
}

async function explainOne(
  client: pg.Client,
  statement: StatementToExplain,
  looked: Explainable,
): Promise<ExplainedStatement> {
  const { fingerprint, sql, params } = statement;
  const values = params?.length === looked.parameters ? params : undefined;
  const hasValues = values !== undefined || looked.parameters === 0;
  const tableRows = await inReadOnly(client, () => readTableRows(client, looked.tables));
  const mayRun =
    looked.onlyReads &&
    hasValues &&
    !(await inReadOnly(client, () => callsVolatile(client, looked.functions)));
  if (mayRun) {
    try {
      const plan = await inReadOnly(client, () =>
        explain(client, `EXPLAIN (ANALYZE, BUFFERS, VERBOSE, SETTINGS, FORMAT JSON) ${sql}`, values ?? []),
      );
      return { fingerprint, mode: 'analyze', plan, tableRows };
    } catch (error) {
      // Too slow to be executed once more, or in the way of somebody: the estimate remains.
      if (!/^(57014|55P03|25006)$/.test(sqlStateOf(error))) throw error;
    }
  }
  const plan = await inReadOnly(client, () =>
    hasValues
      ? explain(client, `EXPLAIN (VERBOSE, SETTINGS, FORMAT JSON) ${sql}`, values ?? [])
      : explainGeneric(client, sql, looked.parameters),
  );
  return { fingerprint, mode: 'estimate', plan, tableRows };
}

const GENERIC = 'deep_optimize_plan';

/**
 * Without values: the plan that any value would get. PostgreSQL 16 has EXPLAIN (GENERIC_PLAN); PREPARE works in all versions,
 * and without plan_cache_mode the NULLs would be folded into the plan. A prepared statement outlives a rollback, hence
 * DEALLOCATE.
 */
async function explainGeneric(client: pg.Client, sql: string, parameters: number): Promise<unknown> {
  await extended(client, 'SET LOCAL plan_cache_mode = force_generic_plan');
  await extended(client, `PREPARE ${GENERIC} AS ${sql}`);
  try {
    const nulls = Array.from({ length: parameters }, () => 'NULL').join(', ');
    return await explain(client, `EXPLAIN (VERBOSE, SETTINGS, FORMAT JSON) EXECUTE ${GENERIC}(${nulls})`, []);
  } finally {
    await client.query('ROLLBACK');
    await extended(client, `DEALLOCATE ${GENERIC}`);
  }
}

async function explain(client: pg.Client, text: string, values: readonly unknown[]): Promise<unknown> {
  const [row] = await extended(client, text, values);
  const plan = row?.['QUERY PLAN'];
  return Array.isArray(plan) ? (plan[0] as unknown) : undefined;
}

async function inReadOnly<T>(client: pg.Client, action: () => Promise<T>): Promise<T> {
  await client.query(
    `BEGIN READ ONLY; SET LOCAL statement_timeout = ${STATEMENT_TIMEOUT_MS}; ` +
      `SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}; ` +
      `SET LOCAL idle_in_transaction_session_timeout = ${IDLE_TIMEOUT_MS}`,
  );
  try {
    return await action();
  } finally {
    await client.query('ROLLBACK');
  }
}

async function extended(
  client: pg.Client,
  text: string,
  values: readonly unknown[] = [],
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const config = { text, values: [...values], queryMode: 'extended' };
  const { rows } = await client.query<Readonly<Record<string, unknown>>>(config);
  return rows;
}

/** Estimates of the last ANALYZE or VACUUM; -1 where there was none. */
async function readTableRows(
  client: pg.Client,
  tables: readonly string[],
): Promise<Readonly<Record<string, number>>> {
  if (tables.length === 0) return {};
  const rows = await extended(
    client,
    `SELECT c.relname AS name, max(c.reltuples)::float8 AS rows FROM pg_class c
     WHERE c.relkind IN ('r', 'p', 'm') AND c.relname = ANY($1::text[]) AND c.reltuples >= 0
       AND pg_table_is_visible(c.oid) GROUP BY c.relname`,
    [tables],
  );
  return Object.fromEntries(rows.map((row) => [String(row['name']), Number(row['rows'])]));
}

/** Their value differs from call to call and nothing else does, so that a second execution is harmless. */
const HARMLESS = ['random', 'clock_timestamp', 'timeofday', 'gen_random_uuid', 'statement_timestamp'];

async function callsVolatile(client: pg.Client, functions: readonly string[]): Promise<boolean> {
  if (functions.length === 0) return false;
  const rows = await extended(
    client,
    `SELECT 1 FROM pg_proc WHERE proname = ANY($1::text[]) AND provolatile = 'v' AND NOT proname = ANY($2::text[]) LIMIT 1`,
    [functions, HARMLESS],
  );
  return rows.length > 0;
}

function sqlStateOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

/** For a warning: the kind of the refusal, and no text of the server, which may quote values. */
function reasonOf(error: unknown): string {
  const state = sqlStateOf(error);
  if (/^42501$/.test(state)) return 'the role may not read its tables';
  if (/^[0-9A-Z]{5}$/.test(state)) return `PostgreSQL refused it (SQLSTATE ${state})`;
  return error instanceof Error ? error.message : String(error);
}
