import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createProcesses } from '../../../src/adapters/process/processes.ts';
import { createTargets } from '../../../src/adapters/target/targets.ts';
import type { Target, Targets } from '../../../src/core/ports/target.ts';
import type { Span, Trace } from '../../../src/core/trace/model.ts';
import { readTracer } from '../../../src/core/trace/read-tracer.ts';
import { findPostgres, POSTGRES_MISSING, startPostgres, type TestPostgres } from '../../support/postgres.ts';
import { createTemporaryDirectory } from '../temporary-directory.ts';
import { waitUntil } from '../wait-until.ts';
import { bundleProbe } from './bundle-probe.ts';

const directory = createTemporaryDirectory();
const processes = createProcesses();
const packageFile = (path: string): string =>
  new URL(`../../../node_modules/${path}`, import.meta.url).pathname;
const never = new AbortController().signal;
const env = { PATH: process.env['PATH'] ?? '', HOME: directory.path };
let probeFile: string;
let targets: Targets;

beforeAll(async () => {
  probeFile = await bundleProbe(directory.path);
  targets = createTargets({ processes, probeFile });
});
afterAll(() => processes.killAll());

interface Traced {
  readonly trace: Trace;
  readonly answers: readonly string[];
  readonly target: Target;
}

interface TraceOptions {
  readonly paths?: readonly string[];
  readonly probes?: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts a program, records what it does for some requests, one after the other, and ends it. */
async function traceProgram(
  command: readonly string[],
  { paths = ['/work/1'], probes = 1, env: more = {} }: TraceOptions = {},
): Promise<Traced> {
  const target = await targets.start(
    {
      command,
      cwd: directory.path,
      env: { ...env, ...more },
      ready: { port: true },
      timeoutMs: 30_000,
      probe: 'trace',
      runId: 'run_trace',
    },
    never,
  );
  try {
    await waitUntil('the probes have said hello', () => target.probeCount() >= probes);
    await target.startTrace();
    const answers: string[] = [];
    for (const path of paths) answers.push(await (await fetch(target.origin + path)).text());
    const { trace, unreadable } = readTracer(await target.stopTrace());
    expect(unreadable).toEqual([]);
    expect(target.output().stderr).toBe('');
    return { trace, answers, target };
  } finally {
    await target.stop();
  }
}

function spansOf(trace: Trace, kind: Span['kind']): readonly Span[] {
  return trace.spans.filter((span) => span.kind === kind);
}

function rootOf(trace: Trace, name: string): Span {
  const found = trace.spans.find((span) => span.kind === 'request' && span.name === name);
  if (found === undefined)
    throw new Error(`no request ${name} in ${trace.spans.map((span) => span.name).join(', ')}`);
  return found;
}

function childrenOf(trace: Trace, root: Span): readonly Span[] {
  return trace.spans.filter((span) => span.parent === root.id);
}

function siteOf(trace: Trace, span: Span | undefined): string {
  const site = span?.site === undefined ? undefined : trace.sites[span.site];
  return site === undefined ? 'nowhere' : `${site.function} ${site.file}:${site.line}`;
}

const BURN = 'function burn(ms) { const end = performance.now() + ms; while (performance.now() < end); }';

describe('a request and all that it asks for is seen in', () => {
  const body = `
${BURN}
async function readConfig() { return readFileSync(process.argv[1]).length; }
async function answerWork() {
  burn(20);
  const size = await readConfig();
  await new Promise((resolve) => setTimeout(resolve, 30));
  burn(10);
  await new Promise((resolve, reject) => readFile(process.argv[1], (error) => error ? reject(error) : resolve()));
  await promises.readFile(process.argv[1]);
  return 'size ' + size;
}
http.createServer(async (request, response) => {
  response.end(request.url.startsWith('/work') ? await answerWork() : 'ok');
}).listen(process.env.PORT);
`;
  const common = `const http = require('http'); const { readFileSync, readFile, promises } = require('fs');\n`;
  const module = `import http from 'node:http'; import { readFileSync, readFile, promises } from 'node:fs';\n`;

  function expectWork({ trace, answers }: Traced, file: string): void {
    expect(answers[0]).toMatch(/^size \d+$/);
    const root = rootOf(trace, 'GET /work/{id}');
    expect(root).toMatchObject({ failed: false, status: 200 });
    const children = childrenOf(trace, root);
    expect(children.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'sync fs.readFileSync',
      'timer setTimeout 30 ms',
      'file fs.readFile',
      'file fs.promises.readFile',
    ]);
    expect(children.every((span) => span.trace === root.trace && span.endUs !== undefined)).toBe(true);
    expect(siteOf(trace, children[0])).toMatch(`readConfig ${file}:`);
    expect(siteOf(trace, children[1])).toMatch(`answerWork ${file}:`);
    expect(siteOf(trace, children[3])).toMatch(`answerWork ${file}:`);
    // 30 ms of JavaScript and 30 ms of waiting, of which a run holds the former.
    const runs = trace.runs.filter((run) => run.trace === root.trace);
    const ranUs = runs.reduce((sum, run) => sum + run.endUs - run.startUs, 0);
    expect(ranUs).toBeGreaterThan(29_000);
    expect((root.endUs ?? 0) - root.startUs - ranUs).toBeGreaterThan(20_000);
  }

  test('a CommonJS program', async () => {
    const file = directory.write('common.cjs', common + body);
    expectWork(await traceProgram([process.execPath, file]), file);
  });

  test('an ES module, by names that it imports', async () => {
    const file = directory.write('module.mjs', module + body);
    expectWork(await traceProgram([process.execPath, file]), file);
  });

  test.each([
    ['the tsx program', [packageFile('tsx/dist/cli.mjs')], 2],
    ['--import tsx', ['--import', `file://${packageFile('tsx/dist/loader.mjs')}`], 1],
  ])('TypeScript under %s, at its place in the source', async (name, words, probes) => {
    const typed = body.replace('answerWork()', 'answerWork(): Promise<string>');
    const interfaces = 'interface Unused {\n  readonly a: string;\n}\n';
    const file = directory.write(`${name.replace(/\W/g, '')}.ts`, interfaces + module + typed);
    const traced = await traceProgram([process.execPath, ...words, file], { probes });
    expectWork(traced, file);
    const site = siteOf(traced.trace, spansOf(traced.trace, 'sync')[0]);
    expect(site).toBe(`readConfig ${file}:7`);
  });

  test('a script of npm', async () => {
    const file = directory.write('script.cjs', common + body);
    directory.write('package.json', JSON.stringify({ scripts: { start: `node ${file}` } }));
    const traced = await traceProgram(['npm', 'run', 'start'], { probes: 2 });
    expectWork(traced, file);
    expect(traced.trace.threads).toHaveLength(1);
  });

  test('the workers of a cluster', async () => {
    const file = directory.write(
      'cluster.cjs',
      `const cluster = require('cluster'); if (cluster.isPrimary) { cluster.fork(); cluster.fork(); } else { ${common} ${body} }`,
    );
    const traced = await traceProgram([process.execPath, file], { probes: 3 });
    expectWork(traced, file);
  });

  test('a forked child', async () => {
    const child = directory.write('child.cjs', common + body);
    const file = directory.write('fork.cjs', `require('child_process').fork(${JSON.stringify(child)})`);
    expectWork(await traceProgram([process.execPath, file], { probes: 2 }), child);
  });

  test('a worker thread, that starts late', async () => {
    const worker = directory.write('worker.cjs', common + body);
    const file = directory.write(
      'late.cjs',
      `setTimeout(() => new (require('worker_threads').Worker)(${JSON.stringify(worker)}, { argv: ['x'] }), 50);`,
    );
    const named = directory.write(
      'worker-named.cjs',
      common + body.replaceAll('process.argv[1]', '__filename'),
    );
    directory.write('late.cjs', `new (require('worker_threads').Worker)(${JSON.stringify(named)});`);
    expect(worker).not.toBe(named);
    const traced = await traceProgram([process.execPath, file], { probes: 2 });
    expectWork(traced, named);
    expect(traced.trace.threads[0]?.name).toMatch(/^worker 1 of pid/);
  });
});

describe('an outgoing call', () => {
  const file = (): string =>
    directory.write(
      'outgoing.mjs',
      `import http, { request, get } from 'node:http';
import { request as undiciRequest, fetch as packageFetch } from ${JSON.stringify(packageFile('undici/index.js'))};
const origin = 'http://127.0.0.1:' + process.env.PORT;
const ended = (resolve) => (response) => response.resume().on('end', resolve);
const CALLS = {
  fetch: async function byFetch() { await (await fetch(origin + '/other/1?x=1')).text(); },
  same: async function sameFetch() { for (const path of ['/other/1', '/other/1', '/other/2']) await (await fetch(origin + path)).text(); },
  post: async function byPost() { for (const body of ['a', 'a', 'b']) await (await fetch(origin + '/other/1', { method: 'POST', body })).text(); },
  request: function byRequest() { return new Promise((resolve) => request(origin + '/other/1', ended(resolve)).end()); },
  body: async function byBody() { for (const body of ['a', 'a', 'b']) await new Promise((resolve) => request(origin + '/other/1', { method: 'POST' }, ended(resolve)).end(body)); },
  get: function byGet() { return new Promise((resolve) => get(origin + '/other/1', ended(resolve))); },
  fresh: async function byAgent() { for (let i = 0; i < 2; i++) await new Promise((resolve) => get(origin + '/other/1', { agent: new http.Agent() }, ended(resolve))); },
  pool: async function byPool() { const agent = new http.Agent({ maxSockets: 1, keepAlive: true }); await Promise.all([1, 2].map(() => new Promise((resolve) => get(origin + '/slow', { agent }, ended(resolve))))); agent.destroy(); },
  undici: async function byUndici() { for await (const chunk of (await undiciRequest(origin + '/other/1')).body) chunk.length; },
  package: async function byPackage() { await (await packageFetch(origin + '/other/1')).text(); },
  refused: async function byRefused() { const closed = http.createServer().listen(0); const url = 'http://127.0.0.1:' + closed.address().port + '/'; await new Promise((resolve) => closed.close(resolve)); await fetch(url).catch(() => {}); await new Promise((resolve) => get(url).on('error', resolve)); },
};
http.createServer(async (incoming, response) => {
  const call = CALLS[incoming.url.slice(1)];
  if (incoming.url === '/slow') await new Promise((resolve) => setTimeout(resolve, 30));
  if (call !== undefined) await call();
  response.end('answer to ' + incoming.url);
}).listen(process.env.PORT);
`,
    );
  const calls = [
    'fetch',
    'same',
    'post',
    'request',
    'body',
    'get',
    'fresh',
    'pool',
    'undici',
    'package',
    'refused',
  ];
  let trace: Trace;
  let program: string;
  beforeAll(async () => {
    program = file();
    ({ trace } = await traceProgram([process.execPath, program], { paths: calls.map((call) => `/${call}`) }));
  });
  const callsOf = (name: string): readonly Span[] =>
    childrenOf(trace, rootOf(trace, `GET /${name}`)).filter(({ kind }) => kind === 'outbound');

  test.each([
    ['fetch', 'byFetch'],
    ['request', 'byRequest'],
    ['get', 'byGet'],
    ['undici', 'byUndici'],
    ['package', 'byPackage'],
  ])('by %s has its place in the code, its status, its bytes and its request', (name, caller) => {
    const [only, ...others] = callsOf(name);
    expect(others).toEqual([]);
    expect(only).toMatchObject({
      status: 200,
      failed: false,
      bytes: Buffer.byteLength('answer to /other/1') + (name === 'fetch' ? 4 : 0),
    });
    expect(only?.name).toMatch(/^GET http:\/\/127\.0\.0\.1:\d+\/other\/\{id\}$/);
    expect(only?.endUs).toBeDefined();
    expect(siteOf(trace, only)).toMatch(`${caller} ${program}:`);
  });

  test('is the same as another when URL and body are', () => {
    const same = callsOf('same');
    expect(new Set(same.map(({ name }) => name)).size).toBe(1);
    expect(same[0]?.input).toBe(same[1]?.input);
    expect(same[0]?.output).toBe(same[1]?.output);
    expect(same[2]?.input).not.toBe(same[1]?.input);
    expect(same[2]?.output).not.toBe(same[1]?.output);
    for (const name of ['post', 'body']) {
      const [first, second, third] = callsOf(name);
      expect(first?.input).toBeDefined();
      expect(first?.input).toBe(second?.input);
      expect(third?.input).not.toBe(second?.input);
    }
  });

  test('says whether it had to connect', () => {
    const fresh = callsOf('fresh');
    expect(fresh.map(({ freshConnection }) => freshConnection)).toEqual([true, true]);
    const connects = spansOf(trace, 'connect').filter((span) => fresh.some(({ id }) => id === span.parent));
    expect(connects).toHaveLength(2);
    expect(connects[0]?.name).toMatch(/^tcp 127\.0\.0\.1:\d+$/);
    // As many as undici wants to have; what it has it uses again.
    const kept = [...callsOf('same'), ...callsOf('post')].filter((span) => span.freshConnection !== true);
    expect(kept.length).toBeGreaterThan(2);
    expect(kept.every(({ connection }) => connection !== undefined)).toBe(true);
  });

  test('that waits for a socket of a full agent waits for a pool', () => {
    const pooled = callsOf('pool');
    expect(pooled).toHaveLength(2);
    const waits = spansOf(trace, 'pool-wait').filter((span) => pooled.some(({ id }) => id === span.parent));
    const longest = Math.max(...waits.map((span) => (span.endUs ?? 0) - span.startUs));
    expect(longest).toBeGreaterThan(20_000);
  });

  test('that nobody answers has failed', () => {
    const refused = callsOf('refused');
    expect(refused).toHaveLength(2);
    expect(refused.every(({ failed, endUs }) => failed && endUs !== undefined)).toBe(true);
  });
});

test('routes are those of the framework', async () => {
  const file = directory.write(
    'routes.cjs',
    `const express = require(${JSON.stringify(packageFile('express'))});
     const fastify = require(${JSON.stringify(packageFile('fastify'))})();
     const app = express(); const router = express.Router();
     router.get('/posts/:slug', (request, response) => response.send('post')); app.use('/api', router);
     const inner = express.Router(); inner.get('/', (request, response, next) => next()); app.use('/lists', inner);
     app.use((request, response, next) => (request.path === '/lists' ? response.send('list') : next()));
     fastify.get('/users/:name', async () => 'user');
     const http = require('http');
     fastify.listen({ port: 0, host: '127.0.0.1' }).then((origin) => {
       app.get('/users/:name', async (request, response) => response.send(await (await fetch(origin + request.url)).text()));
       app.listen(process.env.PORT, '127.0.0.1');
     });`,
  );
  const { trace } = await traceProgram([process.execPath, file], {
    paths: ['/api/posts/hello', '/lists?page=2', '/users/ann', '/nothing/7'],
  });
  expect(spansOf(trace, 'request').map(({ name, status }) => `${name} ${status}`)).toEqual([
    'GET /api/posts/{slug} 200',
    'GET /lists 200',
    'GET /users/{name} 200',
    'GET /users/{name} 200',
    'GET /nothing/{id} 404',
  ]);
});

test('timers that fired for a request, and not those that were cleared or that no request set', async () => {
  directory.write(
    'node_modules/pause/index.js',
    'module.exports = (next) => { Promise.resolve().then(() => setTimeout(next, 15)); };',
  );
  const file = directory.write(
    'timers.cjs',
    `const http = require('http'); const { promisify } = require('util'); const { setTimeout: sleep, scheduler } = require('timers/promises');
     const pause = require('pause'); setInterval(() => {}, 5).unref(); setTimeout(() => {}, 20);
     http.createServer(async (request, response) => {
       const limit = setTimeout(() => { throw new Error('too late'); }, 60_000);
       const given = await new Promise((resolve) => setTimeout((...all) => resolve(all.join()), 11, 'a', 'b'));
       const slept = await promisify(setTimeout)(12, 'slept');
       await sleep(13); await scheduler.wait(14);
       await new Promise(pause);
       let fired = 0;
       await new Promise((resolve) => { const timer = setTimeout(() => (++fired === 2 ? resolve() : timer.refresh()), 16); });
       const stopped = await sleep(60_000, undefined, { signal: AbortSignal.abort() }).catch((error) => error.name);
       clearTimeout(limit); setTimeout(() => {}, 17);
       response.end([given, slept, stopped, setTimeout.name, typeof limit.ref].join(' '));
     }).listen(process.env.PORT);`,
  );
  const { trace, answers } = await traceProgram([process.execPath, file]);
  expect(answers).toEqual(['a,b slept AbortError setTimeout function']);
  const fired = spansOf(trace, 'timer').filter(({ name }) => name !== 'setTimeout 17 ms');
  expect(fired.map(({ name }) => name)).toEqual(
    [11, 12, 13, 14, 15, 16, 16].map((ms) => `setTimeout ${ms} ms`),
  );
  const root = rootOf(trace, 'GET /work/{id}');
  expect(fired.every(({ parent, startUs, endUs }) => parent === root.id && (endUs ?? 0) > startUs)).toBe(
    true,
  );
  expect(siteOf(trace, fired[2])).toContain(`${file}:7`);
  expect(siteOf(trace, fired[4])).toContain('node_modules/pause/index.js:1');
});

test('calls that hold the thread or take one of the pool, each with what went in and came out', async () => {
  const file = directory.write(
    'held.cjs',
    `const http = require('http'); const crypto = require('crypto'); const zlib = require('zlib'); const { execFileSync } = require('child_process'); const dns = require('dns');
     const { promisify } = require('util');
     http.createServer(async (request, response) => {
       const key = crypto.pbkdf2Sync('secret', 'salt', 5000, 32, 'sha256');
       crypto.pbkdf2Sync('secret', 'salt', 5000, 32, 'sha256'); crypto.pbkdf2Sync('other', 'salt', 5000, 32, 'sha256');
       const packed = zlib.gunzipSync(zlib.gzipSync('hello'));
       execFileSync(process.execPath, ['-e', '0']);
       Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
       await promisify(crypto.scrypt)('secret', 'salt', 32); await promisify(zlib.gzip)('hello');
       await promisify(dns.lookup)('localhost');
       try { require('fs').readFileSync('/no/such/file'); } catch {}
       JSON.parse(JSON.stringify(['small']));
       JSON.parse(JSON.stringify(['x'.repeat(20_000)]));
       response.end(packed.toString() + key.length);
     }).listen(process.env.PORT);`,
  );
  const { trace, answers } = await traceProgram([process.execPath, file]);
  expect(answers).toEqual(['hello32']);
  const children = childrenOf(trace, rootOf(trace, 'GET /work/{id}'));
  expect(children.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
    'sync crypto.pbkdf2Sync',
    'sync crypto.pbkdf2Sync',
    'sync crypto.pbkdf2Sync',
    'sync zlib.gzipSync',
    'sync zlib.gunzipSync',
    'sync child_process.execFileSync',
    'sync Atomics.wait',
    'task crypto.scrypt',
    'task zlib.gzip',
    'dns dns.lookup localhost',
    'sync fs.readFileSync',
    'sync JSON.stringify',
    'sync JSON.parse',
  ]);
  const [first, same, other] = children;
  expect([same?.input, same?.output]).toEqual([first?.input, first?.output]);
  expect(other?.input).not.toBe(first?.input);
  expect(children.find(({ name }) => name === 'fs.readFileSync')?.failed).toBe(true);
  expect(children.slice(-2).map(({ bytes }) => bytes)).toEqual([20_004, 20_004]);
  expect(JSON.stringify(trace)).not.toContain('secret');
});

describe('a statement of an embedded database', () => {
  test('has its text, its place, its rows and what was read of them', async () => {
    const file = directory.write(
      'embedded.mjs',
      `import http from 'node:http'; import Database from ${JSON.stringify(packageFile('libsql/index.js'))};
const database = new Database(':memory:');
database.exec('create table posts (id integer, title text, body text)');
for (let i = 0; i < 20; i++) database.prepare('insert into posts values (?, ?, ?)').run(i, 't' + i, 'b' + i);
const find = database.prepare('select id, title, body from posts where id = ?');
function listPosts() {
  const all = database.prepare('select id, title, body from posts').all();
  return all.slice(0, 5).map((post) => find.get(post.id).title).join();
}
http.createServer((request, response) => response.end(listPosts())).listen(process.env.PORT);
`,
    );
    const { trace, answers } = await traceProgram([process.execPath, file], { paths: ['/a', '/a'] });
    expect(answers).toEqual(['t0,t1,t2,t3,t4', 't0,t1,t2,t3,t4']);
    const [root] = spansOf(trace, 'request');
    if (root === undefined) throw new Error('no request');
    const children = childrenOf(trace, root);
    expect(children.map(({ kind, rows }) => [kind, rows])).toEqual([
      ['query', 20],
      ...Array.from({ length: 5 }, () => ['query', 1]),
    ]);
    expect(new Set(children.slice(1).map(({ input }) => input)).size).toBe(5);
    expect(siteOf(trace, children[1])).toBe(`listPosts ${file}:8`);
    const [all, one] = trace.statements;
    expect(all).toMatchObject({ engine: 'sqlite', text: 'select id, title, body from posts' });
    expect(all?.use).toEqual({
      columns: ['id', 'title', 'body'],
      columnsRead: ['id'],
      rows: 40,
      rowsRead: 10,
      executions: 2,
    });
    expect(one?.use).toMatchObject({ columnsRead: ['title'], rowsRead: 10 });
    expect(one?.samples?.[0]).toEqual([0]);
  });
});

describe.skipIf(findPostgres() === undefined)(`PostgreSQL by pg (${POSTGRES_MISSING})`, () => {
  let postgres: TestPostgres;
  beforeAll(async () => {
    postgres = await startPostgres();
    await postgres.query(
      "create table posts (id int, title text, body text); insert into posts select i, 't' || i, 'b' || i from generate_series(1, 10) i",
    );
  });
  afterAll(() => postgres.stop());

  const body = `
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 2 });
const WORK = {
  async loop() {
    const { rows } = await pool.query('select id from posts order by id limit 6');
    const titles = [];
    for (const { id } of rows) titles.push((await pool.query('select id, title, body from posts where id = $1', [id])).rows[0].title);
    return titles.join();
  },
  async transaction() {
    const client = await pool.connect();
    try {
      await client.query('BEGIN');
      await client.query({ text: 'update posts set body = $1 where id = $2', values: ['x', 1] });
      await client.query('SAVEPOINT a'); await client.query('ROLLBACK TO SAVEPOINT a');
      await client.query('COMMIT');
      return String((await client.query('select 1 as one')).rows[0].one);
    } finally { client.release(); }
  },
  async open() { await Promise.all([1, 2].map((i) => pool.query('select $1::int', [i]))); return 'open'; },
  async full() {
    await Promise.all([1, 2, 3, 4].map((i) => pool.query('select pg_sleep(0.05), $1::int', [i])));
    return 'slept';
  },
  callback() { return new Promise((resolve, reject) => pool.query('select count(*)::int as n from posts', (error, result) => error ? reject(error) : pool.query('select 2 as two', () => resolve(String(result.rows[0].n))))); },
  async wrong() { return await pool.query('select nothing from nowhere').catch((error) => error.code); },
  async rows() {
    const { rows } = await pool.query('select id, title from posts order by id limit 2');
    const [first] = rows; first.title = 'changed';
    return require('util').inspect(structuredClone(first)) + require('util').inspect(rows[1]) + JSON.stringify(rows) + Object.keys(first) + JSON.stringify({ ...first }) + (first instanceof Object);
  },
  async alone() {
    const client = new pg.Client({ connectionString: process.env.DATABASE_URL }); await client.connect();
    const query = client.query(new pg.Query('select 3 as three')); let rows = 0; query.on('row', () => { rows += 1; });
    await client.query('select 4 as four'); await client.end(); return 'alone' + rows;
  },
};
http.createServer(async (request, response) => response.end(await WORK[request.url.slice(1)]())).listen(process.env.PORT);
`;
  const pgFile = packageFile('pg/lib/index.js');
  const variants: readonly (readonly [string, string, string])[] = [
    ['CommonJS', 'pg.cjs', `const http = require('http'); const pg = require(${JSON.stringify(pgFile)});`],
    [
      'an ES module',
      'pg.mjs',
      `import http from 'node:http'; import { createRequire } from 'node:module'; import pg from ${JSON.stringify(packageFile('pg/esm/index.mjs'))}; const require = createRequire(import.meta.url);`,
    ],
  ];

  test.each(variants)('in %s', async (_, name, imports) => {
    const file = directory.write(name, imports + body);
    const paths = ['loop', 'transaction', 'open', 'full', 'callback', 'wrong', 'rows', 'alone'];
    const { trace, answers } = await traceProgram([process.execPath, file], {
      paths: paths.map((path) => `/${path}`),
      env: { DATABASE_URL: postgres.url() },
    });
    const queriesOf = (path: string): readonly Span[] =>
      childrenOf(trace, rootOf(trace, `GET /${path}`)).filter(({ kind }) => kind === 'query');

    expect(answers).toEqual([
      't1,t2,t3,t4,t5,t6',
      '1',
      'open',
      'slept',
      '10',
      '42P01',
      `{ id: 1, title: 'changed' }{ id: 2, title: 't2' }[{"id":1,"title":"changed"},{"id":2,"title":"t2"}]id,title{"id":1,"title":"changed"}true`,
      'alone1',
    ]);

    const [list, ...ones] = queriesOf('loop');
    expect(list).toMatchObject({ rows: 6, freshConnection: true });
    expect(ones).toHaveLength(6);
    expect(new Set(ones.map(({ statement }) => statement)).size).toBe(1);
    expect(new Set(ones.map(({ input }) => input)).size).toBe(6);
    expect(new Set(ones.map(({ output }) => output)).size).toBe(6);
    expect(siteOf(trace, ones[5])).toMatch(`loop ${file}:7`);
    const statement = trace.statements[ones[0]?.statement ?? -1];
    expect(statement).toMatchObject({
      engine: 'postgres',
      text: 'select id, title, body from posts where id = ?',
      original: 'select id, title, body from posts where id = $1',
      use: { columns: ['id', 'title', 'body'], columnsRead: ['title'], rows: 6, rowsRead: 6, executions: 6 },
    });
    expect(statement?.samples?.slice(0, 2)).toEqual([[1], [2]]);

    const inTransaction = queriesOf('transaction');
    expect(inTransaction.map(({ transaction }) => transaction !== undefined)).toEqual([
      true,
      true,
      true,
      true,
      true,
      false,
    ]);
    expect(new Set(inTransaction.slice(0, 5).map(({ transaction }) => transaction)).size).toBe(1);

    const root = rootOf(trace, 'GET /full');
    const waits = childrenOf(trace, root).filter(({ kind }) => kind === 'pool-wait');
    const firstEndUs = Math.min(...queriesOf('full').map(({ endUs }) => endUs ?? Infinity));
    // Both connections are open, so what waits for one waits for the end of a query, however slow the machine is.
    const queued = waits.filter(({ endUs }) => (endUs ?? 0) >= firstEndUs);
    expect(queued).toHaveLength(2);
    expect(siteOf(trace, queued[0])).toMatch(file);
    expect(queriesOf('full')).toHaveLength(4);
    expect(new Set(queriesOf('full').map(({ connection }) => connection)).size).toBe(2);

    expect(queriesOf('callback').map(({ name: text }) => text)).toEqual([
      'select count(*)::int as n from posts',
      'select ? as two',
    ]);
    expect(queriesOf('wrong')).toMatchObject([{ failed: true }]);
    expect(queriesOf('alone').map(({ endUs }) => endUs !== undefined)).toEqual([true, true]);
    const connects = childrenOf(trace, rootOf(trace, 'GET /alone')).filter(({ kind }) => kind === 'connect');
    expect(connects).toHaveLength(1);
    const opened = spansOf(trace, 'connect').filter(({ name: what }) => what.startsWith('postgres '));
    expect(opened).toHaveLength(3);
  });
});

describe('the tracer is a guest', () => {
  test('that leaves functions as they look, and rejections as they are', async () => {
    const file = directory.write(
      'guest.cjs',
      `const fs = require('fs'); const http = require('http'); const { promisify } = require('util'); const before = Error.prepareStackTrace;
       const unhandled = []; process.on('unhandledRejection', (error) => unhandled.push(error.code ?? error.message));
       http.createServer(async (request, response) => {
         fs.promises.readFile('/no/such/file'); fs.promises.readFile('/no/such/file').catch(() => {});
         fetch('http://127.0.0.1:1/').catch(() => {});
         await new Promise((resolve) => setTimeout(resolve, 100));
         const { buffer, bytesRead } = await promisify(fs.read)(fs.openSync(__filename), Buffer.alloc(5), 0, 5, 0);
         response.end(JSON.stringify([unhandled, fs.readFileSync.name, fs.readFileSync.length, typeof fs.realpathSync.native, buffer.toString(), bytesRead, before === Error.prepareStackTrace, Error.stackTraceLimit, fetch.name, Object.keys(fs).includes('readFileSync')]));
       }).listen(process.env.PORT);`,
    );
    const { answers } = await traceProgram([process.execPath, file]);
    const [unhandled, ...rest] = JSON.parse(answers[0] ?? '') as unknown[];
    expect(unhandled).toEqual(['ENOENT']);
    expect(rest).toEqual(['readFileSync', 2, 'function', 'const', 5, true, 10, 'fetch', true]);
  });

  test('that records between the commands only, again and again, and writes what never ended', async () => {
    const file = directory.write(
      'twice.cjs',
      `require('http').createServer((request, response) => { if (request.url !== '/never') response.end('ok'); }).listen(process.env.PORT);`,
    );
    const target = await targets.start(
      {
        command: [process.execPath, file],
        cwd: directory.path,
        env,
        ready: { port: true },
        timeoutMs: 30_000,
        probe: 'trace',
        runId: 'run_trace',
      },
      never,
    );
    try {
      await fetch(`${target.origin}/before`);
      await target.startTrace();
      await fetch(`${target.origin}/first`);
      const first = readTracer(await target.stopTrace()).trace;
      await fetch(`${target.origin}/between`);
      await target.startTrace();
      await expect(target.openWindow()).rejects.toThrow('while a trace was open');
      const abort = new AbortController();
      const unanswered = fetch(`${target.origin}/never`, { signal: abort.signal }).catch(() => undefined);
      await fetch(`${target.origin}/second`);
      const second = readTracer(await target.stopTrace()).trace;
      abort.abort();
      await unanswered;
      expect(first.spans.map(({ name }) => name)).toEqual(['GET /first']);
      expect(
        new Set(second.spans.map(({ name, endUs }) => `${name} ${endUs === undefined ? 'open' : 'ended'}`)),
      ).toEqual(new Set(['GET /never open', 'GET /second ended']));
      expect(await target.stopTrace()).toEqual([]);
    } finally {
      await target.stop();
    }
  });

  test('and is not there in the other modes', async () => {
    const file = directory.write(
      'telemetry.cjs',
      `const patched = Symbol.for('deep-optimize.traced'); require('http').createServer((q, r) => r.end(String(patched in require('fs').readFileSync) + (patched in fetch))).listen(process.env.PORT);`,
    );
    const spec = {
      command: [process.execPath, file],
      cwd: directory.path,
      env,
      ready: { port: true as const },
      timeoutMs: 30_000,
      runId: 'run_trace',
    };
    for (const [probe, answer] of [
      ['telemetry', 'falsefalse'],
      ['trace', 'truetrue'],
    ] as const) {
      const target = await targets.start({ ...spec, probe }, never);
      try {
        expect(await (await fetch(target.origin)).text()).toBe(answer);
        if (probe === 'telemetry') {
          await target.startTrace();
          expect(await target.stopTrace()).toEqual([]);
        }
      } finally {
        await target.stop();
      }
    }
  });
});

test('what a program without requests does in silence is left out', async () => {
  const file = directory.write(
    'silent.cjs',
    `require('http').createServer((q, r) => r.end('ok')).listen(process.env.PORT); const fs = require('fs'); setInterval(() => { for (let i = 0; i < 10; i++) fs.existsSync(${JSON.stringify(join(directory.path, 'x'))}); }, 5);`,
  );
  const { trace } = await traceProgram([process.execPath, file]);
  // A busy machine may stretch one of them over the limit.
  expect(spansOf(trace, 'sync').length).toBeLessThan(5);
  expect(spansOf(trace, 'request')).toHaveLength(1);
});
