import pg from 'pg';
import { z } from 'zod';
import type { Tree } from '../../core/behaviour/model.ts';
import { InputError, TargetError } from '../../core/errors.ts';
import { placeIn } from '../../core/query/place.ts';
import { findBackend, type Backend } from './postgres-backend.ts';
import { connectPostgres, unreachable, type PostgresAccess } from './postgres-connection.ts';
import { readPostgresStatement, unitsBefore } from './postgres-statement.ts';
import type { Analyzed, Executed, Returned, Session } from './session.ts';

export interface PostgresOptions extends PostgresAccess {
  readonly sql: string;
  readonly params: readonly (readonly unknown[])[];
  readonly writes: boolean;
  readonly timeoutMs: number;
}

/** A statement that waits this long for a lock measures the lock's holder; it fails, and does not stand in others' way. */
const LOCK_TIMEOUT_MS = 5_000;
/** The server ends our transaction by itself when this process hangs between two executions. */
const IDLE_TIMEOUT_MS = 60_000;

/** Rows are received and counted, not kept or decoded: what is measured is the database and not a driver's parsers. */
const UNDECODED = { getTypeParser: () => (text: unknown) => text };

/**
 * Always the extended protocol: with the simple one, a text such as `select 1; commit; create table …` leaves the read-only
 * transaction. The statement is unnamed, so each execution is parsed and planned anew, as most drivers do by default.
 * Reading runs in one READ ONLY transaction; with `writes`, each execution has a transaction of its own, so that each finds
 * the same data. Every transaction is rolled back.
 */
export async function openPostgresSession(options: PostgresOptions): Promise<Session> {
  const { sql, params, writes } = options;
  const { parameters, ordered } = await readPostgresStatement(sql, { writes });
  for (const [index, set] of params.entries()) {
    if (set.length === parameters) continue;
    throw new InputError(
      'sql_invalid',
      `Parameter set ${index + 1} holds ${set.length} values, and the statement takes ${parameters}.`,
      { fix: 'Give each set of "params" one value for each parameter ($1, $2, …) of the statement.' },
    );
  }
  return await openUncheckedSession(options, ordered);
}

/** For tests: what holds when the look at the statement missed something. */
export async function openUncheckedSession(options: PostgresOptions, ordered = false): Promise<Session> {
  const { sql, writes, timeoutMs } = options;
  const client = await connectPostgres(options);
  const begin =
    `BEGIN ${writes ? 'READ WRITE' : 'READ ONLY'}; SET LOCAL statement_timeout = ${Math.ceil(timeoutMs)}; ` +
    `SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}; ` +
    `SET LOCAL idle_in_transaction_session_timeout = ${IDLE_TIMEOUT_MS}`;
  let isOpen = false;

  const inTransaction = async <T>(action: () => Promise<T>): Promise<T> => {
    if (!isOpen) await client.query(begin);
    isOpen = true;
    try {
      return await action();
    } finally {
      if (writes) {
        isOpen = false;
        await client.query('ROLLBACK').catch(() => undefined);
      }
    }
  };

  let backend: Backend | undefined;
  try {
    await stopWhenWeAreGone(client);
    backend = findBackend(await backendPid(client));
  } catch (error) {
    await client.end().catch(() => undefined);
    throw unreachable(error);
  }
  let hasWorkers: boolean | undefined;
  return {
    async execute(values) {
      const executed = await inTransaction(() => executeOnce(client, sql, values));
      // After the first execution, which no one times: an error of the statement is then told with its own place.
      hasWorkers ??= await inTransaction(() => plansWorkers(client, sql, values));
      return executed;
    },
    fetch: (values) => inTransaction(async () => ({ ...(await fetchOnce(client, sql, values)), ordered })),
    analyze: (values) => inTransaction(() => analyzeOnce(client, sql, values)),
    serverCpuUs: () => backend?.cpuUs({ withWorkers: hasWorkers === true }) ?? null,
    async close() {
      if (isOpen) await client.query('ROLLBACK').catch(() => undefined);
      await client.end();
    },
  };
}

async function backendPid(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ readonly pid: number }>('SELECT pg_backend_pid() AS pid');
  return rows[0]?.pid ?? 0;
}

/**
 * A server goes on with a statement whose client was killed, and only notices at its end. PostgreSQL 14 and newer can look
 * while it works, on most systems; where it cannot, statement_timeout bounds it.
 */
async function stopWhenWeAreGone(client: pg.Client): Promise<void> {
  await client.query("SET client_connection_check_interval = '500ms'").catch(() => undefined);
}

/** What the server says of an execution beside its rows. */
type Sent = Pick<pg.QueryArrayResult, 'fields' | 'rowCount'>;

/** Text of ours in front of the statement, e.g. EXPLAIN, is not counted in the places of errors. */
function send(
  client: pg.Client,
  sql: string,
  values: readonly unknown[],
  { prefix = '', onRow }: { readonly prefix?: string; readonly onRow: (row: readonly unknown[]) => void },
): Promise<Sent> {
  const config = {
    text: prefix + sql,
    values: [...values],
    queryMode: 'extended',
    rowMode: 'array',
    types: UNDECODED,
  };
  return new Promise((resolve, reject) => {
    // With a listener for rows and no callback, pg keeps none of them.
    const query = new pg.Query(config);
    query.on('row', (row: unknown) => onRow(row as readonly unknown[]));
    // The types know of no result here.
    query.on('end', (result: unknown) => resolve(result as Sent));
    query.on('error', (error: Error) => reject(explain(error, sql, prefix.length)));
    client.query(query);
  });
}

async function executeOnce(client: pg.Client, sql: string, values: readonly unknown[]): Promise<Executed> {
  let rows = 0;
  const startedAt = performance.now();
  await send(client, sql, values, { onRow: () => (rows += 1) });
  return { ms: performance.now() - startedAt, rows };
}

/** Values as the texts that the server sends; null is null. */
async function fetchOnce(
  client: pg.Client,
  sql: string,
  values: readonly unknown[],
): Promise<Omit<Returned, 'ordered'>> {
  const rows: (readonly Tree[])[] = [];
  const { fields, rowCount } = await send(client, sql, values, {
    onRow: (row) => rows.push(row.map((value) => (typeof value === 'string' ? value : null))),
  });
  if (fields.length === 0) return { columns: ['rows changed'], rows: [[rowCount]] };
  return { columns: fields.map(({ name }) => name), rows };
}

async function plansWorkers(client: pg.Client, sql: string, values: readonly unknown[]): Promise<boolean> {
  let text = '';
  await send(client, sql, values, {
    prefix: 'EXPLAIN (FORMAT JSON) ',
    onRow: ([line]) => (text += String(line)),
  });
  return text.includes('"Workers Planned"');
}

/** https://www.postgresql.org/docs/current/sql-explain.html: the fields that are read, of FORMAT JSON. */
const explainedSchema = z.tuple([
  z.object({
    Plan: z.object({ 'Shared Hit Blocks': z.number(), 'Shared Read Blocks': z.number() }),
    'Planning Time': z.number(),
    'Execution Time': z.number(),
  }),
]);

/** Without the clock of each node (TIMING), which nobody reads here and which can double the time. */
const ANALYZE = 'EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) ';

async function analyzeOnce(client: pg.Client, sql: string, values: readonly unknown[]): Promise<Analyzed> {
  let text = '';
  await send(client, sql, values, { prefix: ANALYZE, onRow: ([line]) => (text += String(line)) });
  const [explained] = explainedSchema.parse(JSON.parse(text));
  return {
    planningMs: explained['Planning Time'],
    executionMs: explained['Execution Time'],
    buffers: explained.Plan['Shared Hit Blocks'] + explained.Plan['Shared Read Blocks'],
  };
}

/** SQLSTATEs: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const REFUSED_BY_READ_ONLY = '25006';
const SYNTAX_ERROR = '42601';
const CANCELED = '57014';
const LOCK_NOT_AVAILABLE = '55P03';
/** A value that does not fit the type of its parameter, or a wrong number of them. */
const WRONG_PARAMETER = /^(22P02|22P03|22007|22008|22003|08P01|42P18)$/;

function explain(error: Error, sql: string, offset: number): Error {
  if (!(error instanceof pg.DatabaseError) || error.code === undefined || /^(08006|57P)/.test(error.code)) {
    return unreachable(error);
  }
  const { code, message: output } = error;
  const position = Number(error.position ?? 0) - offset;
  const at = position > 0 ? ` at ${placeIn(sql, unitsBefore(sql, position - 1))}` : '';
  if (code === REFUSED_BY_READ_ONLY) {
    return new InputError('sql_refused', 'The statement writes, and the workload does not say so.', {
      fix: 'Set "writes" to true: each execution is then rolled back.',
      output,
    });
  }
  if (code === SYNTAX_ERROR) {
    return new InputError('sql_invalid', `The SQL has a syntax error${at}.`, {
      fix: 'Correct the statement.',
      output,
    });
  }
  if (WRONG_PARAMETER.test(code)) {
    return new InputError(
      'sql_invalid',
      `A value of "params" does not fit the statement${at} (SQLSTATE ${code}).`,
      {
        fix: 'Give values of the types that the statement expects, or cast the parameter in the SQL.',
        output,
      },
    );
  }
  if (code === CANCELED) {
    return new TargetError(
      'statement_timeout',
      'The statement ran past its time limit, and the server ended it.',
      {
        fix: 'Raise "timeout_s" of the workload, or make the statement or its data smaller.',
        output,
      },
    );
  }
  if (code === LOCK_NOT_AVAILABLE) {
    return new TargetError(
      'statement_failed',
      `The statement waited more than ${LOCK_TIMEOUT_MS / 1000} s for a lock of another session.`,
      {
        fix: 'End the transaction that holds it (pg_stat_activity, pg_blocking_pids) and measure again.',
        output,
      },
    );
  }
  return new TargetError('statement_failed', `PostgreSQL rejected the statement${at} (SQLSTATE ${code}).`, {
    fix: 'Correct the statement, or what "setup" makes of the database.',
    output,
  });
}
