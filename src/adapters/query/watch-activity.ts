import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { z } from 'zod';
import type { StatementDelta } from '../../core/database/model.ts';
import type { DatabaseActivity } from '../../core/ports/databases.ts';
import { APPLICATION_NAME } from './postgres-connection.ts';

export interface WatchOptions {
  readonly everyMs: number;
  readonly stopped: Promise<void>;
  readonly onBegin: () => void;
}

/** A transaction open for less than this is no finding; each of many polls would make one. */
const LONG_TRANSACTION_MS = 100;
/** A blocked session may wait for one that waits itself; a longer chain is a deadlock that PostgreSQL ends. */
const LONGEST_CHAIN = 10;

/**
 * Sessions of this database other than ours. pg_blocking_pids locks the lock manager for a moment, so it is asked for those
 * that wait only. A role without pg_read_all_stats sees of other roles' sessions that they exist and no more, not even their
 * type. A session that waits for a row holds the lock of its tuple meanwhile, which tells the table.
 * (https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-ACTIVITY-VIEW)
 */
const POLL = `
  SELECT a.pid, a.state, left(a.query, 4000) AS query,
    CASE WHEN a.wait_event_type = 'Lock' THEN a.wait_event END AS lock,
    (extract(epoch FROM clock_timestamp() - a.xact_start) * 1000)::float8 AS "openMs",
    CASE WHEN a.wait_event_type = 'Lock' THEN pg_blocking_pids(a.pid) ELSE '{}' END AS blockers,
    CASE WHEN a.wait_event_type = 'Lock' THEN (
      SELECT c.relname FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
      WHERE l.pid = a.pid AND (l.locktype = 'tuple' OR (l.locktype = 'relation' AND NOT l.granted))
      ORDER BY l.granted LIMIT 1) END AS relation
  FROM pg_stat_activity a
  WHERE a.datname = current_database() AND coalesce(a.backend_type, 'client backend') = 'client backend' AND a.pid <> pg_backend_pid()
    AND a.application_name <> '${APPLICATION_NAME}'`;

const sessionSchema = z.object({
  pid: z.number(),
  state: z.string().nullable(),
  query: z.string().nullable(),
  lock: z.string().nullable(),
  openMs: z.number().nullable(),
  blockers: z.array(z.number()),
  relation: z.string().nullable(),
});
type SessionRow = z.infer<typeof sessionSchema>;

export async function watchActivity(client: pg.Client, options: WatchOptions): Promise<DatabaseActivity> {
  const sampled = createSampling();
  let over = false;
  void options.stopped.then(() => (over = true));
  const isOver = (): boolean => over;
  // For this session alone, which ends with the watch.
  await client.query('SET default_transaction_read_only = on');
  const before = await readStatements(client);
  const poll = async () => {
    const { rows } = await client.query({ text: POLL, queryMode: 'extended' } as pg.QueryConfig);
    sampled.add(z.array(sessionSchema).parse(rows), Date.now());
  };
  await poll();
  options.onBegin();
  while (!isOver()) {
    await Promise.race([sleep(options.everyMs), options.stopped]);
    await poll();
  }
  return { ...sampled.result(), statements: subtract(await readStatements(client), before) };
}

interface OpenWait {
  readonly query: string;
  readonly lock: string;
  relation: string | null;
  readonly seenAtMs: number[];
  readonly blockers: Map<string, { query: string; state: string; samples: number }>;
}

function createSampling() {
  const pollsAtMs: number[] = [];
  const activeAtMs: number[] = [];
  let hidden = false;
  const waits = new Map<string, OpenWait>();
  const transactions = new Map<
    string,
    { lastQuery: string; state: 'active' | 'idle in transaction'; samples: number; longestMs: number }
  >();

  const addWait = (session: SessionRow, sessions: ReadonlyMap<number, SessionRow>, atMs: number): void => {
    const query = session.query ?? '';
    const lock = session.lock ?? '';
    const key = `${lock}\n${query}`;
    const wait: OpenWait = waits.get(key) ?? {
      query,
      lock,
      relation: null,
      seenAtMs: [],
      blockers: new Map(),
    };
    wait.seenAtMs.push(atMs);
    wait.relation ??= session.relation;
    for (const blocker of findRoots(session, sessions)) {
      const last = blocker.query ?? '';
      const state = blocker.state ?? 'unknown';
      const known = wait.blockers.get(`${state}\n${last}`) ?? { query: last, state, samples: 0 };
      known.samples += 1;
      wait.blockers.set(`${state}\n${last}`, known);
    }
    waits.set(key, wait);
  };
  const addTransaction = ({ state, query, openMs }: SessionRow): void => {
    const kind = state?.startsWith('idle in transaction') === true ? 'idle in transaction' : state;
    if ((kind !== 'active' && kind !== 'idle in transaction') || (openMs ?? 0) < LONG_TRANSACTION_MS) return;
    const key = `${kind}\n${query ?? ''}`;
    const known = transactions.get(key) ?? { lastQuery: query ?? '', state: kind, samples: 0, longestMs: 0 };
    transactions.set(key, {
      ...known,
      samples: known.samples + 1,
      longestMs: Math.max(known.longestMs, openMs ?? 0),
    });
  };

  return {
    add(rows: readonly SessionRow[], atMs: number): void {
      pollsAtMs.push(atMs);
      const sessions = new Map(rows.map((row) => [row.pid, row]));
      if (rows.some(({ state }) => state === 'active' || state?.startsWith('idle in') === true))
        activeAtMs.push(atMs);
      for (const row of rows) {
        if (row.query === '<insufficient privilege>') hidden = true;
        if (row.lock !== null) addWait(row, sessions, atMs);
        else addTransaction(row);
      }
    },
    result(): Omit<DatabaseActivity, 'statements'> {
      return {
        pollsAtMs,
        activeAtMs,
        hidden,
        waits: [...waits.values()]
          .map((wait) => ({
            ...wait,
            blockers: [...wait.blockers.values()].sort((a, b) => b.samples - a.samples),
          }))
          .sort((a, b) => b.seenAtMs.length - a.seenAtMs.length),
        transactions: [...transactions.values()].sort((a, b) => b.longestMs - a.longestMs),
      };
    },
  };
}

/** The sessions at the head of the queue: those in the way that wait for nobody themselves. */
function findRoots(session: SessionRow, sessions: ReadonlyMap<number, SessionRow>): readonly SessionRow[] {
  const roots = new Map<number, SessionRow>();
  const seen = new Set([session.pid]);
  let next = session.blockers;
  for (let depth = 0; depth < LONGEST_CHAIN && next.length > 0; depth++) {
    const further: number[] = [];
    for (const pid of next) {
      const blocker = sessions.get(pid);
      if (blocker === undefined || seen.has(pid)) continue;
      seen.add(pid);
      if (blocker.lock === null) roots.set(pid, blocker);
      else further.push(...blocker.blockers);
    }
    next = further;
  }
  return [...roots.values()];
}

type Totals = ReadonlyMap<string, StatementDelta>;

const STATEMENTS = `
  SELECT s.queryid::text AS id, s.query AS text, sum(s.calls)::float8 AS calls,
    sum(s.total_exec_time)::float8 AS "totalMs", sum(s.rows)::float8 AS rows
  FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid
  WHERE d.datname = current_database() AND s.queryid IS NOT NULL AND s.query NOT LIKE '%pg_stat_%'
  GROUP BY s.queryid, s.query`;

const deltaSchema = z.object({
  id: z.string(),
  text: z.string(),
  calls: z.number(),
  totalMs: z.number(),
  rows: z.number(),
});

/** Null without the extension, its library or the right to read it. It is never reset: it belongs to the database's owner. */
async function readStatements(client: pg.Client): Promise<Totals | null> {
  try {
    const { rows } = await client.query({ text: STATEMENTS, queryMode: 'extended' } as pg.QueryConfig);
    return new Map(
      z
        .array(deltaSchema)
        .parse(rows)
        .map(({ id, ...totals }) => [id, totals]),
    );
  } catch {
    return null;
  }
}

function subtract(after: Totals | null, before: Totals | null): readonly StatementDelta[] | null {
  if (after === null || before === null) return null;
  return [...after]
    .map(([id, { text, calls, totalMs, rows }]) => {
      const earlier = before.get(id);
      return {
        text,
        calls: calls - (earlier?.calls ?? 0),
        totalMs: totalMs - (earlier?.totalMs ?? 0),
        rows: rows - (earlier?.rows ?? 0),
      };
    })
    .filter(({ calls }) => calls > 0)
    .sort((a, b) => b.totalMs - a.totalMs);
}
