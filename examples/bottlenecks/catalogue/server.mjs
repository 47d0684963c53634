import { createServer } from 'node:http';
import { present } from './src/present.mjs';
import { findProduct, pageOf } from './src/products.mjs';

const PAGE_SIZE = 12;
const CURRENCY = 'EUR';

function answer({ method, url }) {
  const { pathname, searchParams } = new URL(url, 'http://localhost');
  if (method !== 'GET') return [405, { error: 'read only' }];
  if (pathname === '/health') return [200, { status: 'ok' }];
  if (pathname === '/products') {
    const page = Math.max(1, Number(searchParams.get('page') ?? 1) || 1);
    const { total, products } = pageOf(searchParams.get('kind') ?? undefined, page, PAGE_SIZE);
    return [200, { page, total, products: products.map((product) => present(product, CURRENCY)) }];
  }
  const [, id] = /^\/products\/(\d{1,6})$/.exec(pathname) ?? [];
  const product = id === undefined ? undefined : findProduct(Number(id));
  return product === undefined ? [404, { error: 'not found' }] : [200, present(product, CURRENCY)];
}

const server = createServer((request, response) => {
  const [status, body] = answer(request);
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
});
server.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});

for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => server.close());
