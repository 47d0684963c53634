import { expect, test } from 'vitest';
import { findServerTraces } from '../../../../src/adapters/project/routes/server-traces.ts';

const get = (path: string) => ({ method: 'GET', path });
const route = (method: string, path: string) => ({ method, path });

test.each([
  [
    'express',
    `const app = express();
     app.get('/posts', list); app.post("/posts", create); userRouter.delete(\`/users/:id\`, remove);
     router.route('/tags').get(tags);
     // app.get('/commented-out', x)
     app.get('/posts', again);
     app.listen(process.env.PORT || 3000);`,
    {
      routes: [get('/posts'), route('POST', '/posts'), route('DELETE', '/users/:id'), get('/tags')],
      listens: true,
      portEnv: 'PORT',
    },
  ],
  [
    'fastify',
    `fastify.get<{ Querystring: { page: number } }>('/posts', { schema }, handler);
     fastify.route({ method: 'PUT', url: '/posts/:id', handler });
     server.route({ path: '/hapi', method: ['POST'] });
     await fastify.listen({ port: Number(process.env['HTTP_PORT']) });`,
    {
      routes: [get('/posts'), route('PUT', '/posts/:id'), route('POST', '/hapi')],
      listens: true,
      portEnv: 'HTTP_PORT',
    },
  ],
  [
    'node:http',
    `createServer((req, res) => {
       if (req.url === '/health') res.end();
       switch (url.pathname) { case '/a': break; }
       if (req.method === 'POST' && '/login' == req.url) res.end();
       if (req.method === 'DELETE') { if (req.url === '/session') res.end(); } else if (req.url === '/else') res.end();
     }).listen(0)`,
    {
      routes: [get('/health'), get('/a'), route('POST', '/login'), route('DELETE', '/session'), get('/else')],
      listens: true,
      portEnv: null,
    },
  ],
  [
    'routers of one file',
    `const api = express.Router(), v1 = express.Router();
     v1.get('/posts', list); api.use('/v1', v1); app.use('/api', auth, api);
     app.use('/self', app); app.get(['/both', '/of'], x);`,
    { routes: [get('/api/v1/posts'), get('/both')], listens: false, portEnv: null },
  ],
  [
    'a path that a constant holds',
    `const BASE = '/v1'; const router = new Router({ prefix: BASE }); router.get('list', '/posts', list);`,
    { routes: [get('/v1/posts')], listens: false, portEnv: null },
  ],
  ['a client and a map', `axios.get('/posts'); cache.get('/x'); fetch('/y');`, undefined],
  [
    'a client called api',
    `import { api } from 'client'; api.get('/posts', x); api.post('/y', { a: 1 });`,
    undefined,
  ],
  ['a client without a handler', `api.get('/posts'); api.post('/posts', { title: 'x' });`, undefined],
  ['nothing', 'export const x = 1;', undefined],
  ['no program', `app.get('/x', ((((`, undefined],
])('%s', (_, source, expected) => {
  const traces = findServerTraces(source, 'server.ts');
  const seen = traces && {
    routes: traces.routes.map(({ method, path }) => ({ method, path })),
    listens: traces.listens,
    portEnv: traces.portEnv,
  };
  expect(seen).toEqual(expected);
});

test.each([
  ['brackets', `app.get${'<'.repeat(50_000)}(${'{'.repeat(50_000)} app.route({ ${'x'.repeat(50_000)}`],
  ['a deep sum', `app.get('/x', ${'1+'.repeat(20_000)}1)`],
  ['deep arrays', `app.get('/x', ${'['.repeat(20_000)}${']'.repeat(20_000)})`],
  ['quotes', `const a = ${"'/".repeat(60_000)}`],
])('a hostile text of %s does no harm', (_, text) => {
  expect(findServerTraces(text, 'x.js')?.listens ?? false).toBe(false);
});
