import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDatabases } from '../../../src/adapters/query/databases.ts';
import type { DeepOptimizeError } from '../../../src/core/errors.ts';
import type { DatabaseAccess } from '../../../src/core/ports/databases.ts';
import { createProcesses } from '../../../src/adapters/process/processes.ts';
import { bundleChildren, type BundledChildren } from '../../support/bundle-children.ts';
import { POSTGRES_MISSING, startPostgres, type TestPostgres } from '../../support/postgres.ts';
import { createTemporaryDirectory } from '../temporary-directory.ts';
import { waitUntil } from '../wait-until.ts';

const never = new AbortController().signal;

describe.skipIf(POSTGRES_MISSING !== undefined)(
  `the program's PostgreSQL${POSTGRES_MISSING === undefined ? '' : ` (skipped: ${POSTGRES_MISSING})`}`,
  () => {
    const processes = createProcesses();
    const directory = createTemporaryDirectory();
    let children: BundledChildren;
    let server: TestPostgres;
    const clients: pg.Client[] = [];

    beforeAll(async () => {
      [children, server] = await Promise.all([
        bundleChildren('src/adapters/query', ['child-database']),
        startPostgres(),
      ]);
      await server.query(`
        CREATE TABLE orders (id serial PRIMARY KEY, email text NOT NULL, total int NOT NULL);
        INSERT INTO orders (email, total)
          SELECT 'user' || n % 5000 || '@example.com', n FROM generate_series(1, 20000) AS n;
        CREATE SEQUENCE tickets;
        CREATE FUNCTION count_up() RETURNS bigint LANGUAGE sql VOLATILE AS $$ SELECT nextval('tickets') $$;
        CREATE ROLE plain LOGIN;
        GRANT SELECT ON orders TO plain;
        ANALYZE;`);
    });
    afterAll(async () => {
      await Promise.all(clients.map((client) => client.end()));
      await processes.killAll();
      await server.stop();
      await children.remove();
    });

    const databases = (url = server.url()) =>
      createDatabases({
        processes,
        childFile: children.file('child-database'),
        baseEnv: { PATH: process.env['PATH'] ?? '', DATABASE_URL: url },
        allowHosts: [],
      });
    const access = (): DatabaseAccess => ({
      database: { engine: 'postgres', urlEnv: 'DATABASE_URL' },
      directory: directory.path,
      env: {},
      runId: 'run_database0',
    });
    const connect = async (): Promise<pg.Client> => {
      const client = new pg.Client({ connectionString: server.url(), application_name: 'shop' });
      await client.connect();
      clients.push(client);
      return client;
    };
    const explain = (sql: string, params?: readonly unknown[]) =>
      databases().explain(
        access(),
        [{ fingerprint: 'f', sql, ...(params === undefined ? {} : { params }) }],
        never,
      );

    /** All that a look could change: objects, data, settings, sessions, prepared statements, locks. */
    const stateOf = async () => ({
      objects: await server.query('SELECT oid::text, relname FROM pg_class ORDER BY oid'),
      orders: await server.query(
        'SELECT count(*)::int, sum(total)::int, sum(xmin::text::bigint)::text FROM orders',
      ),
      tickets: await server.query('SELECT last_value::int, is_called FROM tickets'),
      settings: await server.query(
        `SELECT name, setting FROM pg_settings WHERE name NOT LIKE 'transaction%' ORDER BY name`,
      ),
      roles: await server.query('SELECT setconfig::text FROM pg_db_role_setting'),
      ours: await server.query(`SELECT pid FROM pg_stat_activity WHERE application_name = 'deep-optimize'`),
      locks: await server.query(`SELECT mode FROM pg_locks WHERE locktype = 'advisory'`),
    });

    it('executes a plain SELECT and tells its plan, with the rows of its tables', async () => {
      const { explained, skipped } = await explain('select * from orders where email = $1', [
        'user7@example.com',
      ]);
      expect(skipped).toEqual([]);
      expect(explained).toMatchObject([
        {
          mode: 'analyze',
          tableRows: { orders: 20_000 },
          plan: { Plan: { 'Node Type': 'Seq Scan', 'Rows Removed by Filter': 19_996 } },
        },
      ]);
    });

    it('plans without values, as any value would be planned', async () => {
      const { explained } = await explain('select * from orders where id = $1 and total > $2');
      expect(explained).toMatchObject([
        { mode: 'estimate', plan: { Plan: { 'Index Name': 'orders_pkey' } } },
      ]);
      expect(JSON.stringify(explained)).toContain('$1');
    });

    it.each([
      ['a write', 'update orders set total = $1 where id = $2', [1, 2]],
      ['a lock', 'select * from orders where id = $1 for update', [1]],
      ['a volatile function', 'select count_up() from orders where id = $1', [1]],
    ])('only plans %s', async (_, sql, params) => {
      const before = await stateOf();
      const { explained } = await explain(sql, params);
      expect(explained.map(({ mode }) => mode)).toEqual(['estimate']);
      expect(await stateOf()).toEqual(before);
    });

    it('leaves nothing behind, whatever the statement tries', async () => {
      const before = await stateOf();
      for (const sql of [
        'select 1; commit; create table pwn (a int)',
        'create table pwn (a int)',
        "select set_config('work_mem', '1MB', false)",
        'select pg_advisory_lock(1)',
        "select nextval('tickets')",
        'with gone as (delete from orders returning 1) select count(*) from gone',
        'select * into copied from orders',
        'select * from orders where email = $1',
        'select * from nowhere',
      ]) {
        await explain(sql);
      }
      expect(await stateOf()).toEqual(before);
    });

    it('tells what it could not plan, without values of the program', async () => {
      const { skipped } = await explain('select * from orders where id = $1', ['not a number, a secret']);
      expect(skipped).toEqual([{ fingerprint: 'f', reason: 'PostgreSQL refused it (SQLSTATE 22P02)' }]);
    });

    it('a role without rights is told', async () => {
      const plain = databases(server.url({ user: 'plain' }));
      const { skipped } = await plain.explain(
        access(),
        [{ fingerprint: 'f', sql: 'select last_value from tickets' }],
        never,
      );
      expect(skipped).toEqual([{ fingerprint: 'f', reason: 'the role may not read its tables' }]);
      const watch = await plain.watch(access(), never);
      const other = await connect();
      await other.query('SELECT 1');
      const { hidden, statements } = await watch.stop();
      expect([hidden, statements]).toEqual([true, null]);
    });

    it('sees who waits, for what, and the transaction in the way, through a chain of those that wait', async () => {
      const before = await stateOf();
      const [holder, first, second] = [await connect(), await connect(), await connect()];
      const watch = await databases().watch(access(), never);
      await holder.query('BEGIN');
      await holder.query('UPDATE orders SET total = total + 1 WHERE id = 1');
      await holder.query('SELECT count(*) FROM orders');
      const waiting = [first, second].map((client) =>
        client.query('UPDATE orders SET total = total + $1 WHERE id = $2', [0, 1]),
      );
      await waitUntil('both wait', async () => {
        const [row] = await server.query(
          `SELECT count(*)::int AS n FROM pg_stat_activity WHERE wait_event_type = 'Lock'`,
        );
        return row?.['n'] === 2;
      });
      await new Promise((resolve) => setTimeout(resolve, 400));
      await holder.query('ROLLBACK');
      await Promise.all(waiting);
      const seen = await watch.stop();
      const update = 'UPDATE orders SET total = total + $1 WHERE id = $2';
      expect(seen.waits.length).toBeGreaterThan(0);
      for (const wait of seen.waits) {
        expect(wait).toMatchObject({ query: update, relation: 'orders' });
        expect(['transactionid', 'tuple']).toContain(wait.lock);
        expect(wait.seenAtMs.length).toBeGreaterThan(0);
        expect(wait.blockers[0]).toMatchObject({
          query: 'SELECT count(*) FROM orders',
          state: 'idle in transaction',
        });
      }
      expect(seen.transactions[0]).toMatchObject({ lastQuery: 'SELECT count(*) FROM orders' });
      expect(seen.transactions[0]?.longestMs).toBeGreaterThan(100);
      expect(seen.pollsAtMs).toEqual(expect.arrayContaining([...seen.activeAtMs]));
      for (const { seenAtMs } of seen.waits)
        expect(seen.activeAtMs).toEqual(expect.arrayContaining([...seenAtMs]));
      const after = await stateOf();
      expect({ ...after, orders: before.orders }).toEqual(before);
    });

    it('a watch that is cancelled leaves no process and no session', async () => {
      const abort = new AbortController();
      const watch = await databases().watch(access(), abort.signal);
      abort.abort(new Error('enough'));
      await expect(watch.stop()).rejects.toThrow('enough');
      await waitUntil('its session is gone', async () => (await stateOf()).ours.length === 0);
    });

    it('what cannot be reached is an error that says so, without the password', async () => {
      const nowhere = databases(`postgres://plain:geheim@127.0.0.1:1/shop`);
      const error: unknown = await nowhere.watch(access(), never).catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code: 'database_unreachable' });
      expect(JSON.stringify(error) + String((error as DeepOptimizeError).output)).not.toContain('geheim');
      const elsewhere = databases('postgres://plain@192.0.2.1/shop');
      await expect(elsewhere.explain(access(), [], never)).rejects.toMatchObject({
        code: 'host_not_allowed',
      });
    });

    it('finds the URL where the program would', async () => {
      expect(await databases().findUrl({ env: {}, directory: directory.path })).toBe('DATABASE_URL');
      expect(
        await databases().findUrl({ env: { SHOP_DB_URL: 'postgres://a/b' }, directory: directory.path }),
      ).toBe('SHOP_DB_URL');
      expect(await databases('mysql://x').findUrl({ env: {}, directory: directory.path })).toBeUndefined();
      directory.write('.env', 'POSTGRES_URL=postgres://127.0.0.1/shop\n');
      expect(await databases('').findUrl({ env: {}, directory: directory.path })).toBe('POSTGRES_URL');
    });
  },
);
