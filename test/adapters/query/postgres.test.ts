import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findBackend } from '../../../src/adapters/query/postgres-backend.ts';
import { openUncheckedSession } from '../../../src/adapters/query/postgres-session.ts';
import { createQueries } from '../../../src/adapters/query/queries.ts';
import type { QueryPlan } from '../../../src/core/ports/queries.ts';
import { bundleChildren, type BundledChildren } from '../../support/bundle-children.ts';
import { POSTGRES_MISSING, startPostgres, type TestPostgres } from '../../support/postgres.ts';
import { createSimpleProcesses } from '../../support/simple-processes.ts';
import { createTemporaryDirectory } from '../temporary-directory.ts';
import { isRunning } from '../liveness.ts';
import { waitUntil } from '../wait-until.ts';

const PASSWORD = 'geheim/&%wort';

describe.skipIf(POSTGRES_MISSING !== undefined)(
  `PostgreSQL${POSTGRES_MISSING === undefined ? '' : ` (skipped: ${POSTGRES_MISSING})`}`,
  () => {
    const processes = createSimpleProcesses();
    const directory = createTemporaryDirectory();
    let children: BundledChildren;
    let server: TestPostgres;

    beforeAll(async () => {
      [children, server] = await Promise.all([
        bundleChildren('src/adapters/query', ['child-query']),
        startPostgres(),
      ]);
      await server.query(`
        CREATE TABLE orders (id serial PRIMARY KEY, email text NOT NULL, total int NOT NULL);
        INSERT INTO orders (email, total)
          SELECT 'user' || n % 5000 || '@example.com', n FROM generate_series(1, 40000) AS n;
        CREATE SEQUENCE tickets;
        CREATE ROLE locked LOGIN PASSWORD '${PASSWORD}';
        ANALYZE;`);
    });
    afterAll(async () => {
      await processes.killAll();
      await server.stop();
      await children.remove();
    });

    function queries() {
      return createQueries({
        processes,
        childFile: children.file('child-query'),
        baseEnv: { ...process.env, TEST_URL: server.url() },
        allowHosts: [],
      });
    }

    function measure(
      change: Partial<QueryPlan> & { readonly env?: Record<string, string> },
      signal?: AbortSignal,
    ) {
      return queries().measure(
        {
          database: { engine: 'postgres', urlEnv: 'TEST_URL' },
          sql: { text: 'select * from orders where email = $1' },
          params: [['user7@example.com']],
          directory: directory.path,
          env: {},
          warmupMs: 50,
          executions: 20,
          limitMs: 20_000,
          seed: 1,
          writes: false,
          analyze: false,
          timeoutMs: 20_000,
          runId: 'run_test',
          ...change,
        },
        signal ?? new AbortController().signal,
      );
    }
    const withSql = (text: string, params: readonly unknown[] = [], more: Partial<QueryPlan> = {}) =>
      measure({ sql: { text }, params: [params], ...more });
    const count = async () => Number((await server.query('SELECT count(*) AS n FROM orders'))[0]?.['n']);

    it('tells what a statement returns, as the server writes it, in order only where it orders', async () => {
      const observe = async (text: string, writes = false) => {
        const { observations } = await queries().observe(
          {
            database: { engine: 'postgres', urlEnv: 'TEST_URL' },
            sql: { text },
            params: [['user7@example.com']],
            directory: directory.path,
            env: {},
            writes,
            timeoutMs: 20_000,
            runId: 'run_test',
            scope: { limitMs: 10_000, places: [] },
          },
          new AbortController().signal,
        );
        return observations[0];
      };
      const select = 'select total::numeric / 2 as half, null as missing from orders where email = $1';
      expect(await observe(`${select} order by id limit 1`)).toMatchObject({
        name: 'with ["user7@example.com"]',
        facets: {
          columns: { kind: 'tree', tree: ['half', 'missing'] },
          rows: { kind: 'rows', rows: [['3.5000000000000000', null]], ordered: true },
        },
      });
      expect((await observe(select))?.facets['rows']).toMatchObject({ ordered: false });
      const deletion = 'delete from orders where email = $1';
      expect((await observe(deletion, true))?.facets['rows']).toMatchObject({
        columns: ['rows changed'],
        rows: [[8]],
      });
      expect((await observe(`${deletion} returning email`, true))?.facets['rows']).toMatchObject({
        columns: ['email'],
        rows: Array.from({ length: 8 }, () => ['user7@example.com']),
      });
    });

    it('times a statement, counts its rows and the CPU of its backend', async () => {
      const edges: string[] = [];
      const result = await measure({ onWindow: (edge) => edges.push(edge) });
      expect(result).toMatchObject({ rows: 8, executions: 20, cutShort: false });
      expect(result.wallMs).toBeGreaterThan(0);
      expect(result.wallLowMs).toBeLessThanOrEqual(result.wallMs);
      expect(result.serverCpuUs).toBeGreaterThan(0);
      expect(result.analysis).toBeUndefined();
      expect(edges).toEqual(['opens', 'closes']);
    });

    it('sees an index: several times less time, CPU and buffers', async () => {
      const before = await measure({ analyze: true });
      await server.query('CREATE INDEX orders_email ON orders (email)');
      const after = await measure({ analyze: true }).finally(() => server.query('DROP INDEX orders_email'));
      // Measured: 1.2 ms to 0.11 ms, and 295 buffers to 10.
      expect(before.wallLowMs / after.wallLowMs).toBeGreaterThan(2);
      expect((before.serverCpuUs ?? 0) / (after.serverCpuUs ?? 0)).toBeGreaterThan(2);
      expect((before.analysis?.buffers ?? 0) / (after.analysis?.buffers ?? 0)).toBeGreaterThan(5);
      expect((before.analysis?.executionMs ?? 0) / (after.analysis?.executionMs ?? 0)).toBeGreaterThan(2);
      expect(after.analysis?.planningMs).toBeGreaterThan(0);
    });

    it('counts the workers of a parallel plan, which are processes of their own', async () => {
      await server.query(`
        CREATE ROLE parallel LOGIN; GRANT SELECT ON orders TO parallel;
        ALTER ROLE parallel SET min_parallel_table_scan_size = 0;
        ALTER ROLE parallel SET parallel_setup_cost = 0;
        ALTER ROLE parallel SET parallel_tuple_cost = 0;
        ALTER ROLE parallel SET parallel_leader_participation = off;`);
      const env = { SERIAL_URL: server.url(), PARALLEL_URL: server.url({ user: 'parallel' }) };
      const cpuOf = async (urlEnv: string) => {
        const result = await measure({
          database: { engine: 'postgres', urlEnv },
          sql: { text: 'select sum(length(md5(repeat(email, 30)))) from orders' },
          params: [[]],
          env,
          executions: 10,
        });
        return result.serverCpuUs ?? 0;
      };
      // Without them next to nothing would be left: the leader does no work here. Measured: 1.1.
      expect((await cpuOf('PARALLEL_URL')) / (await cpuOf('SERIAL_URL'))).toBeGreaterThan(0.5);
    });

    it('does not take a process for its backend that is none', () => {
      expect(findBackend(process.pid)).toBeUndefined();
      expect(findBackend(1)).toBeUndefined();
    });

    it('executes a write again and again, each time from the same data, and leaves nothing', async () => {
      const insert = "insert into orders (id, email, total) values (-1, 'a', 1) returning id";
      // A second execution in one transaction would break the primary key.
      expect(await withSql(insert, [], { writes: true, analyze: true })).toMatchObject({ rows: 1 });
      const removed = await withSql('delete from orders where total <= $1 returning 1', [100], {
        writes: true,
      });
      expect(removed.rows).toBe(100);
      expect(await count()).toBe(40_000);
    });

    it.each([
      ['several statements', 'select 1; commit; create table pwn (a int)', /holds 3 statements/],
      ['an update', 'update orders set total = 0', /writes.*UPDATE/],
      ['a data-modifying CTE', 'with gone as (delete from orders returning 1) select * from gone', /DELETE/],
      ['a locking read', 'select * from orders for update', /FOR UPDATE/],
      ['a locking read in a union', '(select 1 from orders for share) union select 2', /FOR SHARE/],
      ['select into', 'select * into pwn from orders', /SELECT INTO/],
      ['setval', "select setval('tickets', 900)", /setval/],
      [
        'the end of another session',
        'select pg_catalog.pg_terminate_backend(pid) from pg_stat_activity',
        /pg_terminate/,
      ],
      ['a file', "select pg_read_file('PG_VERSION')", /pg_read_file/],
      ['a large object', "select lo_import('PG_VERSION')", /lo_import/],
      ['another database', "select * from dblink('', 'drop table orders') as t (a text)", /dblink/],
      ['SQL in a text', "select query_to_xml('select 1', true, false, '')", /query_to_xml/],
      ['settings', "select set_config('statement_timeout', '0', false)", /set_config/],
      ['a transaction', 'commit', /Transaction/],
      ['a program', "copy orders to program 'id'", /Copy/],
      ['code', 'do $$ begin perform 1; end $$', /Do/],
      ['a plan', 'explain analyze select 1', /Explain/],
    ])('refuses %s', async (_what, sql, message) => {
      await expect(withSql(sql)).rejects.toMatchObject({
        kind: 'input',
        code: 'sql_refused',
        message: expect.stringMatching(message) as string,
      });
    });

    it('refuses what reaches out of the transaction where writes are meant as well', async () => {
      const writes = { writes: true };
      await expect(withSql("select setval('tickets', 900)", [], writes)).rejects.toMatchObject({
        code: 'sql_refused',
      });
      await expect(withSql('drop table orders', [], writes)).rejects.toMatchObject({ code: 'sql_refused' });
      await expect(withSql('update orders set total = 1; commit', [], writes)).rejects.toMatchObject({
        code: 'sql_refused',
      });
    });

    it('is told by the server what no list knows: nextval and a function that writes', async () => {
      await server.query(`CREATE FUNCTION sneak() RETURNS int LANGUAGE sql AS
        'INSERT INTO orders (email, total) VALUES (''x'', 1) RETURNING 1'`);
      for (const sql of ["select nextval('tickets')", 'select sneak()']) {
        await expect(withSql(sql)).rejects.toMatchObject({
          code: 'sql_refused',
          output: expect.stringMatching(/read-only/) as string,
        });
      }
      expect(await count()).toBe(40_000);
    });

    it('cannot be led out of its transaction, even by a statement that nobody looked at', async () => {
      const attack = 'select 1; commit; create table pwn (a int)';
      const session = await openUncheckedSession({
        url: server.url(),
        allowHosts: [],
        sql: attack,
        params: [[]],
        writes: false,
        timeoutMs: 5_000,
      });
      await expect(session.execute([])).rejects.toMatchObject({ code: 'sql_invalid' });
      await session.close();
      expect(await server.query("SELECT to_regclass('pwn') AS found")).toEqual([{ found: null }]);
      // The simple protocol, which it does not use, would have let it out.
      await server.query(`BEGIN READ ONLY; ${attack}`);
      expect(await server.query("SELECT to_regclass('pwn') AS found")).toEqual([{ found: 'pwn' }]);
      await server.query('DROP TABLE pwn');
    });

    it('says where a syntax error is, and what the server knows better', async () => {
      await expect(withSql("select 'é', total\nfrm orders where id = 1")).rejects.toMatchObject({
        kind: 'input',
        code: 'sql_invalid',
        message: 'The SQL has a syntax error at line 2, column 5.',
        output: 'syntax error at or near "orders"',
      });
      await expect(withSql('select *\nfrom missing')).rejects.toMatchObject({
        kind: 'target',
        code: 'statement_failed',
        message: 'PostgreSQL rejected the statement at line 2, column 6 (SQLSTATE 42P01).',
      });
      await expect(withSql('-- nothing')).rejects.toMatchObject({ code: 'sql_invalid' });
    });

    it('refuses parameters that do not fit', async () => {
      await expect(measure({ params: [['a'], ['a', 'b']] })).rejects.toMatchObject({
        kind: 'input',
        code: 'sql_invalid',
        message: 'Parameter set 2 holds 2 values, and the statement takes 1.',
      });
      await expect(withSql('select $1::int', ['many'])).rejects.toMatchObject({ code: 'sql_invalid' });
    });

    it('ends a statement at its limit', async () => {
      await expect(withSql('select pg_sleep(30)', [], { timeoutMs: 300 })).rejects.toMatchObject({
        kind: 'target',
        code: 'statement_timeout',
      });
    });

    it('stops the statement in the server when the run is cancelled', async () => {
      const controller = new AbortController();
      const running = measure(
        { sql: { text: 'select pg_sleep(60), 4711' }, params: [[]], timeoutMs: 60_000 },
        controller.signal,
      );
      const ended = expect(running).rejects.toThrow('enough');
      const sleepers = () =>
        server.query("SELECT pid FROM pg_stat_activity WHERE query LIKE '%4711' AND pid <> pg_backend_pid()");
      let pid = 0;
      while (pid === 0) pid = Number((await sleepers())[0]?.['pid'] ?? 0);
      controller.abort(new Error('enough'));
      await ended;
      await waitUntil('the backend is gone', () => !isRunning(pid));
    });

    it('stops early when executions take too long, and says so', async () => {
      const result = await withSql('select pg_sleep(0.05)', [], { executions: 1000, limitMs: 100 });
      expect(result.cutShort).toBe(true);
      expect(result.executions).toBeGreaterThanOrEqual(5);
      expect(result.executions).toBeLessThan(100);
    });

    it('finds the URL in .env, and never shows its password', async () => {
      directory.write('.env', `OTHER_URL="${server.url({ user: 'locked', password: PASSWORD })}"\n`);
      const database = { engine: 'postgres', urlEnv: 'OTHER_URL' } as const;
      await expect(measure({ database, sql: { text: 'select 1' }, params: [[]] })).resolves.toMatchObject({
        rows: 1,
      });
      directory.write('.env', `OTHER_URL="${server.url({ user: 'locked', password: `${PASSWORD}x` })}"\n`);
      const error: unknown = await measure({ database }).catch((caught: unknown) => caught);
      expect(error).toMatchObject({
        kind: 'environment',
        code: 'database_unreachable',
        message: 'The database refuses the password.',
      });
      expect(JSON.stringify(error, ['message', 'fix', 'output', 'stack'])).not.toContain(PASSWORD);
    });

    it('refuses a password in goals.json, and takes a URL without', async () => {
      const database = { engine: 'postgres', urlEnv: 'IN_GOALS' } as const;
      const plan = { database, sql: { text: 'select 1' }, params: [[]] };
      await expect(
        measure({ ...plan, env: { IN_GOALS: server.url({ password: PASSWORD }) } }),
      ).rejects.toMatchObject({
        kind: 'input',
        code: 'invalid_goals',
        message: expect.not.stringContaining(PASSWORD) as string,
      });
      await expect(measure({ ...plan, env: { IN_GOALS: server.url() } })).resolves.toMatchObject({ rows: 1 });
    });

    it.each([
      ['a variable that is not set', undefined, 'no_database_url', /"SOME_URL" is not set/],
      [
        'nothing that listens',
        'postgres://a:hidden1@127.0.0.1:1/b',
        'database_unreachable',
        /Nothing listens/,
      ],
      ['a database that is not there', 'DATABASE', 'database_unreachable', /does not exist/],
      ['no URL', 'mysql://a:hidden1@127.0.0.1/b', 'invalid_arguments', /not a connection URL/],
      ['another machine', 'postgres://a:hidden1@192.0.2.1/b', 'host_not_allowed', /192\.0\.2\.1/],
      [
        'a host without address',
        'postgres://a:hidden1@nowhere.invalid/b',
        'database_unreachable',
        /no address/,
      ],
    ])('tells of %s', async (_what, url, code, message) => {
      const own: Readonly<Record<string, string>> = {
        DATABASE: server.url({ database: 'none' }),
        TLS: `${server.url()}?sslmode=verify-full`,
      };
      const value = url === undefined ? undefined : (own[url] ?? url);
      // The password of these URLs would be refused in goals.json.
      if (value !== undefined) directory.write('.env', `SOME_URL=${value}\n`);
      else directory.write('.env', '');
      const error: unknown = await measure({ database: { engine: 'postgres', urlEnv: 'SOME_URL' } }).catch(
        (caught: unknown) => caught,
      );
      expect(error).toMatchObject({ code, message: expect.stringMatching(message) as string });
      expect(JSON.stringify(error, ['message', 'fix', 'output', 'stack'])).not.toContain('hidden1');
    });

    it('leaves no session behind', async () => {
      const open = "SELECT count(*)::int AS n FROM pg_stat_activity WHERE application_name = 'deep-optimize'";
      while ((await server.query(open))[0]?.['n'] !== 0)
        await new Promise((resolve) => setTimeout(resolve, 50));
    });
  },
);
