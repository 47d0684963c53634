import { createServer } from 'node:http';
import { keyOf, recall, remember } from './src/idempotency.mjs';
import { confirm } from './src/orders.mjs';

async function readBody(request) {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk;
  return text;
}

async function takeOrder(request) {
  const key = keyOf(request);
  const before = recall(key);
  if (before !== undefined) return before;
  const confirmation = confirm(JSON.parse(await readBody(request)));
  return confirmation === undefined
    ? remember(key, 422, { error: 'something in it cannot be had' })
    : remember(key, 201, confirmation);
}

const server = createServer((request, response) => {
  if (request.url === '/health') return response.end('ok');
  if (request.url !== '/orders' || request.method !== 'POST') return response.writeHead(404).end();
  takeOrder(request)
    .then(({ status, headers, text }) => response.writeHead(status, headers).end(text))
    .catch(() => response.writeHead(400).end());
});
server.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});

for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => server.close());
