import { createServer } from 'node:http';
import { findCase, listOpenCases } from './src/cases.mjs';
import { buildDatabase } from './src/database.mjs';

async function answer({ url }) {
  if (url === '/health') return [200, { status: 'ok' }];
  if (url === '/cases') return [200, { cases: await listOpenCases() }];
  const [, id] = /^\/cases\/(\d{1,9})$/.exec(url) ?? [];
  const found = id === undefined ? undefined : await findCase(Number(id));
  return found === undefined ? [404, { error: 'not found' }] : [200, found];
}

await buildDatabase();
const server = createServer((request, response) => {
  answer(request)
    .catch((error) => [500, { error: error.message }])
    .then(([status, body]) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
});
server.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});

for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => server.close());
