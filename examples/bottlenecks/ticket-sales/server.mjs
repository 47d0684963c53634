import { createServer } from 'node:http';
import { buildDatabase, pool } from './src/database.mjs';
import { findEvent, sellTicket } from './src/sales.mjs';

async function answer(request) {
  if (request.url === '/health') return [200, { status: 'ok' }];
  const [, id] = /^\/events\/(\d{1,9})\/tickets$/.exec(request.url) ?? [];
  if (request.method !== 'POST' || id === undefined) return [404, { error: 'not found' }];
  const { buyer } = JSON.parse(await readBody(request));
  if (typeof buyer !== 'string') return [400, { error: 'a ticket needs a buyer' }];
  const event = await findEvent(Number(id));
  if (event === undefined) return [404, { error: 'no such event' }];
  const ticket = await sellTicket(event, buyer);
  return ticket === undefined ? [409, { error: 'sold out' }] : [201, ticket];
}

async function readBody(request) {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk;
  return text;
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

for (const signal of ['SIGTERM', 'SIGINT']) {
  process.once(signal, () => server.close(() => void pool.end()));
}
