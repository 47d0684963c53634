import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'libsql';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createQueries } from '../../../src/adapters/query/queries.ts';
import type { QueryObservePlan, QueryPlan } from '../../../src/core/ports/queries.ts';
import { bundleChildren, type BundledChildren } from '../../support/bundle-children.ts';
import { createSimpleProcesses } from '../../support/simple-processes.ts';
import { createTemporaryDirectory } from '../temporary-directory.ts';

describe('SQLite', () => {
  const processes = createSimpleProcesses();
  const directory = createTemporaryDirectory();
  const file = join(directory.path, 'a shop?.db');
  let children: BundledChildren;

  beforeAll(async () => {
    children = await bundleChildren('src/adapters/query', ['child-query']);
    const database = new Database(file);
    database.exec(`
      CREATE TABLE orders (id INTEGER PRIMARY KEY, email TEXT NOT NULL, total INTEGER NOT NULL);
      INSERT INTO orders (email, total)
        WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
        SELECT 'user' || (i % 5000) || '@example.com', i FROM n;`);
    database.close();
  });
  afterAll(async () => {
    await processes.killAll();
    await children.remove();
  });
  let content: Buffer;
  beforeEach(() => void (content = readFileSync(file)));

  function queries() {
    return createQueries({
      processes,
      childFile: children.file('child-query'),
      baseEnv: { PATH: process.env['PATH'] ?? '' },
      allowHosts: [],
    });
  }
  function measure(change: Partial<QueryPlan>, signal = new AbortController().signal) {
    return queries().measure(
      {
        database: { engine: 'sqlite', file: 'a shop?.db' },
        sql: { text: 'select * from orders where email = ?' },
        params: [['user7@example.com']],
        directory: directory.path,
        env: {},
        warmupMs: 20,
        executions: 30,
        limitMs: 20_000,
        seed: 1,
        writes: false,
        analyze: false,
        timeoutMs: 20_000,
        runId: 'run_test',
        ...change,
      },
      signal,
    );
  }
  const withSql = (text: string, params: readonly unknown[] = [], more: Partial<QueryPlan> = {}) =>
    measure({ sql: { text }, params: [params], ...more });

  it('times a statement, counts its rows and its CPU, which is that of its process', async () => {
    const result = await measure({});
    expect(result).toMatchObject({ rows: 4, executions: 30, cutShort: false, serverCpuUs: null });
    expect(result.wallMs).toBeGreaterThan(0);
    expect(result.wallLowMs).toBeLessThanOrEqual(result.wallMs);
    expect(result.clientCpuUs).toBeGreaterThan(0);
    expect(readFileSync(file).equals(content)).toBe(true);
  });

  async function observe(text: string, change: Partial<QueryObservePlan> = {}) {
    const plan: QueryObservePlan = {
      database: { engine: 'sqlite', file: 'a shop?.db' },
      sql: { text },
      params: [[]],
      directory: directory.path,
      env: {},
      writes: false,
      timeoutMs: 20_000,
      runId: 'run_test',
      scope: { limitMs: 10_000, places: [] },
      ...change,
    };
    return await queries().observe(plan, new AbortController().signal);
  }

  it('tells what a statement returns, for each parameter set, in order only where it orders', async () => {
    const text = 'select id, email, total * 1.5 as half, null as missing from orders where email = ?';
    const params = [['user7@example.com'], ['nobody']];
    const { observations, extent } = await observe(text, { params });
    expect(extent).toBe(2);
    expect(observations.map(({ name }) => name)).toEqual([
      'with set 1, ["user7@example.com"]',
      'with set 2, ["nobody"]',
    ]);
    expect(observations[0]?.facets['rows']).toMatchObject({
      kind: 'rows',
      columns: ['id', 'email', 'half', 'missing'],
      ordered: false,
    });
    expect(observations[0]?.facets['rows']).toMatchObject({
      rows: expect.arrayContaining([[7, 'user7@example.com', 10.5, null]]) as unknown,
    });
    expect(observations[1]?.facets['rows']).toMatchObject({ rows: [] });
    const ordered = await observe(`${text} order by id desc`, { params, scope: { limitMs: 0, places: [] } });
    expect(ordered.extent).toBe(1);
    expect(ordered.observations[0]?.facets['rows']).toMatchObject({ ordered: true });
    const within = await observe('select * from (select id from orders order by id limit 3)');
    expect(within.observations[0]?.facets['rows']).toMatchObject({ ordered: false });
  });

  it('tells how many rows a write changes, what it returns, large integers and blobs, and undoes it', async () => {
    const rowsOf = async (text: string, writes = true) =>
      (await observe(text, { writes })).observations[0]?.facets['rows'];
    expect(await rowsOf('update orders set total = 0 where id <= 3')).toMatchObject({
      columns: ['rows changed'],
      rows: [[3]],
    });
    expect(await rowsOf('delete from orders where id <= 2 returning id')).toMatchObject({
      columns: ['id'],
      rows: [[1], [2]],
    });
    expect(await rowsOf("select 9223372036854775807 as large, x'00ff' as bytes", false)).toMatchObject({
      rows: [['9223372036854775807', { base64: 'AP8=' }]],
    });
    expect(readFileSync(file).equals(content)).toBe(true);
  });

  it('tells many rows by their digest', async () => {
    const { observations } = await observe('select * from orders');
    expect(observations[0]?.facets['rows']).toMatchObject({ kind: 'digest' });
  });

  it('reads the statement from a file of the checkout', async () => {
    directory.write('orders.sql', '-- by e-mail\nselect id from orders where email = ?;\n');
    expect(await measure({ sql: { file: 'orders.sql' } })).toMatchObject({ rows: 4 });
    await expect(measure({ sql: { file: 'none.sql' } })).rejects.toMatchObject({
      kind: 'input',
      code: 'sql_invalid',
      message: 'The SQL file "none.sql" cannot be read in the checkout.',
    });
  });

  it('executes a write again and again, each time from the same data, and leaves nothing', async () => {
    const insert = 'insert into orders (id, email, total) values (-1, ?, 1) returning id';
    expect(await withSql(insert, ['a'], { writes: true })).toMatchObject({ rows: 1, executions: 30 });
    const gone = 'delete from orders where total <= ? returning 1';
    expect(await withSql(gone, [10], { writes: true })).toMatchObject({ rows: 10 });
    expect(await withSql('update orders set total = 0', [], { writes: true, executions: 5 })).toMatchObject({
      rows: 0,
    });
    expect(
      await withSql('select count(*), min(total), max(total) from orders having min(total) = 1'),
    ).toMatchObject({
      rows: 1,
    });
  });

  it.each([
    ['several statements', 'select 1; delete from orders'],
    ['a write', 'delete from orders'],
    ['a write behind a common table', 'with gone as (select 1) delete from orders'],
    ['another database', "attach 'other.db' as other"],
    ['a copy', "vacuum into 'copy.db'"],
    ['a setting', 'pragma journal_mode = wal'],
    ['a file', "select writefile('written.txt', 'x')"],
  ])('refuses %s', async (_what, sql) => {
    await expect(withSql(sql)).rejects.toMatchObject({ kind: 'input', code: 'sql_refused' });
    expect(readFileSync(file).equals(content)).toBe(true);
    expect(
      ['other.db', 'copy.db', 'written.txt'].filter((name) => existsSync(join(directory.path, name))),
    ).toEqual([]);
  });

  it('binds every kind of JSON value that SQLite has, and whole numbers as such', async () => {
    const types =
      "select 1 where typeof(?) = 'integer' and typeof(?) = 'real' and typeof(?) = 'text' and typeof(?) = 'null' and ? = 1 and ? = 0";
    expect(await withSql(types, [7, 1.5, 'a', null, true, false])).toMatchObject({ rows: 1 });
    await expect(withSql('select ?', [{ a: 1 }])).rejects.toMatchObject({
      kind: 'input',
      code: 'sql_invalid',
    });
  });

  it('refuses a wrong number of parameters', async () => {
    await expect(measure({ params: [['a'], []] })).rejects.toMatchObject({
      kind: 'input',
      code: 'sql_invalid',
      message: 'Parameter set 2 holds 0 values, and the statement takes 1.',
    });
    await expect(withSql('select 1', ['a'])).rejects.toMatchObject({ code: 'sql_invalid' });
  });

  it('says where a syntax error is, and what SQLite says of the rest', async () => {
    await expect(withSql('select *\n  from orders whre total = 1')).rejects.toMatchObject({
      kind: 'input',
      code: 'sql_invalid',
      message: 'The SQL has a syntax error at line 2, column 20.',
      output: 'near "total": syntax error',
    });
    await expect(withSql('select * from missing')).rejects.toMatchObject({
      kind: 'target',
      code: 'statement_failed',
      output: 'no such table: missing',
    });
  });

  it('tells of a file that is not there, that is none or that is no database', async () => {
    mkdirSync(join(directory.path, 'folder'), { recursive: true });
    directory.write('text.db', 'not a database at all, '.repeat(200));
    const open = (name: string) => measure({ database: { engine: 'sqlite', file: name } });
    const unreachable = { kind: 'environment', code: 'database_unreachable' };
    await expect(open('none.db')).rejects.toMatchObject(unreachable);
    await expect(open('folder')).rejects.toMatchObject(unreachable);
    await expect(open('text.db')).rejects.toMatchObject(unreachable);
    expect(existsSync(join(directory.path, 'none.db'))).toBe(false);
  });

  it('opens a database in WAL mode', async () => {
    const database = new Database(join(directory.path, 'wal.db'));
    database.exec('PRAGMA journal_mode = WAL; CREATE TABLE t (a); INSERT INTO t VALUES (1), (2);');
    database.close();
    expect(
      await withSql('select a from t', [], { database: { engine: 'sqlite', file: 'wal.db' } }),
    ).toMatchObject({ rows: 2 });
  });

  const ENDLESS = 'with recursive n (i) as (select 1 union all select i + 1 from n) select max(i) from n';

  it('ends a process whose statement runs past its limit', async () => {
    await expect(withSql(ENDLESS, [], { timeoutMs: 200 })).rejects.toMatchObject({
      kind: 'target',
      code: 'statement_timeout',
    });
    expect((await measure({})).rows).toBe(4);
  });

  it('ends it when the run is cancelled', async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error('enough')), 400);
    const endless = measure({ sql: { text: ENDLESS }, params: [[]], timeoutMs: 60_000 }, controller.signal);
    await expect(endless).rejects.toThrow('enough');
  });
});
