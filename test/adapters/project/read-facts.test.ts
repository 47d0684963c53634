import { cpSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'libsql';
import { describe, expect, it } from 'vitest';
import { readFacts } from '../../../src/adapters/project/read-facts.ts';
import { draftGoals } from '../../../src/core/goals/draft.ts';
import { goalsSchema } from '../../../src/core/model/goals.ts';
import { describeGoals } from '../../../src/render/goals.ts';
import { writeFiles } from '../../support/git-project.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const PROJECTS = join(import.meta.dirname, '..', '..', 'fixtures', 'projects');
const factsOf = (name: string) => readFacts(join(PROJECTS, name));
const routesOf = async (name: string) =>
  (await factsOf(name)).serverFiles.flatMap(({ routes }) =>
    routes.map(({ method, path }) => `${method} ${path}`),
  );

/** All of them answer when the fixture runs with its real framework: test/fixtures/projects/README.md. */
describe('routes', () => {
  it.each([
    [
      'express-blog',
      [
        'GET /health',
        'POST /api/posts',
        'GET /api/posts',
        'GET /api/posts/:id',
        'GET /api/posts/:id/comments',
        'GET /api/v2/users',
        'GET /admin/stats',
      ],
    ],
    [
      'fastify-shop',
      [
        'GET /ping',
        'GET /admin/reports/sales',
        'POST /v1/orders',
        'GET /v1/orders/:orderId',
        'GET /products',
        'GET /products/:id',
        'HEAD /products/:id',
      ],
    ],
    ['koa-notes', ['GET /api/status', 'GET /api/notes', 'GET /api/notes/:id', 'DELETE /api/notes/:id']],
    ['nest-tasks', ['GET /api/health', 'GET /api/tasks', 'GET /api/tasks/:id', 'POST /api/tasks']],
    ['hono-links', ['GET /api/healthz', 'POST /api/links', 'GET /api/links/:id', 'GET /api/links']],
    [
      'node-http',
      [
        'GET /reports',
        'POST /reports',
        'GET /health',
        'POST /login',
        'DELETE /session',
        'GET /items',
        'GET /items/latest',
      ],
    ],
    ['text-kit', []],
  ])('of %s', async (name, routes) => {
    expect((await routesOf(name)).sort()).toEqual([...routes].sort());
  });
});

/** The whole draft as an agent reads it: test/adapters/project/drafts. */
describe('the draft', () => {
  it.each([
    'express-blog',
    'fastify-shop',
    'koa-notes',
    'nest-tasks',
    'hono-links',
    'node-http',
    'text-kit',
    'flask-petshop',
  ])('of %s', async (name) => {
    const { goals, missing, found } = draftGoals(await factsOf(name));
    goalsSchema.parse(goals);
    const text = `${describeGoals(goals, missing, found)}\n`;
    await expect(text).toMatchFileSnapshot(join(import.meta.dirname, 'drafts', `${name}.txt`));
  });

  it('of a project with a database file measures its statements there', async () => {
    const project = await temporaryDirectory();
    cpSync(join(PROJECTS, 'text-kit'), project, { recursive: true });
    const database = new Database(join(project, 'words.db'));
    database.exec('create table words (word text)');
    database.close();
    writeFiles(project, { 'not-sqlite.db': 'x'.repeat(100) });
    const facts = await readFacts(project);
    expect(facts.databases.sqliteFiles).toEqual(['words.db']);
    expect(draftGoals(facts).goals.workloads).toContainEqual({
      name: 'find-word',
      kind: 'query',
      database: { engine: 'sqlite', file: 'words.db' },
      file: 'sql/find-word.sql',
      params: [[1, 1]],
      draft: true,
    });
  });
});

describe('the look', () => {
  it('never opens .env, and takes names only from its example', async () => {
    const project = await temporaryDirectory();
    writeFiles(project, {
      '.env': 'SECRET_DATABASE_URL=postgres://ann:hunter2@db/shop',
      '.env.example': 'SHOP_DATABASE_URL=postgres://ann:hunter2@db/shop',
    });
    const facts = await readFacts(project);
    expect(facts.databases.urlEnvs).toEqual([{ name: 'SHOP_DATABASE_URL', engine: 'postgres' }]);
    expect(JSON.stringify(facts)).not.toContain('hunter2');
  });

  it('finds load scripts and benchmarks among tests, and no servers there', async () => {
    const project = await temporaryDirectory();
    writeFiles(project, {
      'test/load/k6.js': `import http from 'k6/http'; http.get('http://x/a');`,
      'test/bench/a.js': `import { bench } from 'mitata'; bench('a', () => 1);`,
      'test/server.js': `app.get('/in-a-test', x); app.listen(1)`,
      'bench/server.js': `app.get('/in-a-benchmark', x); app.listen(1)`,
    });
    const facts = await readFacts(project);
    expect(facts.loadScripts.map(({ file }) => file)).toEqual(['test/load/k6.js']);
    expect(facts.benchmarks.map(({ file }) => file)).toEqual(['test/bench/a.js']);
    expect(facts.serverFiles).toEqual([]);
  });

  it.each(['openapi.json', 'docs/openapi.yml', 'api/swagger.yaml', 'spec/openapi.v2.json'])(
    'finds a description of the API in %s',
    async (file) => {
      const project = await temporaryDirectory();
      writeFiles(project, { [file]: 'x', 'node_modules/y/openapi.json': '', 'src/deep/er/openapi.json': '' });
      expect((await readFacts(project)).openApi).toEqual({ file, text: 'x' });
    },
  );

  it('ends where routers mount each other in a circle', async () => {
    const project = await temporaryDirectory();
    writeFiles(project, {
      'index.js': `import a from './a.js'; app.use('/root', a); app.listen(1);`,
      'a.js': `import b from './b.js'; router.use('/b', b); router.get('/in-a', x);`,
      'b.js': `import a from './a.js'; router.use('/a', a); router.get('/in-b', x);`,
    });
    const { serverFiles } = await readFacts(project);
    expect(serverFiles.flatMap(({ routes }) => routes.map(({ path }) => path))).toEqual([
      '/root/in-a',
      '/root/b/in-b',
    ]);
  });
});
