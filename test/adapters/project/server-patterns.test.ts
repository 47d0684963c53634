import { expect, test } from 'vitest';
import { findServerTraces } from '../../../src/adapters/project/server-patterns.ts';

const get = (path: string) => ({ method: 'GET', path });

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
      routes: [
        get('/posts'),
        { method: 'POST', path: '/posts' },
        { method: 'DELETE', path: '/users/:id' },
        get('/tags'),
      ],
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
      routes: [get('/posts'), { method: 'PUT', path: '/posts/:id' }, { method: 'POST', path: '/hapi' }],
      listens: true,
      portEnv: 'HTTP_PORT',
    },
  ],
  [
    'node:http',
    `createServer((req, res) => { if (req.url === '/health') res.end(); switch (url.pathname) { case '/a': break; } })
      .listen(0)`,
    { routes: [get('/health'), get('/a')], listens: true, portEnv: null },
  ],
  ['a client and a map', `axios.get('/posts'); cache.get('/x'); fetch('/y');`, undefined],
  ['nothing', 'export const x = 1;', undefined],
])('%s', (_, source, expected) => {
  expect(findServerTraces(source)).toEqual(expected);
});

test('a long hostile text takes no long time to look at', () => {
  const text = `app.get${'<'.repeat(50_000)}(${'{'.repeat(50_000)} app.route({ ${'x'.repeat(50_000)}`;
  expect(findServerTraces(text)).toBeUndefined();
});
