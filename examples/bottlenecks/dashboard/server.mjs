import { createServer } from 'node:http';
import { describeCity } from './src/city.mjs';

async function answer({ url }) {
  if (url === '/health') return [200, { status: 'ok' }];
  const [, city] = /^\/cities\/([A-Z][a-z]{2,20})$/.exec(url) ?? [];
  return city === undefined ? [404, { error: 'no such city' }] : [200, await describeCity(city)];
}

const server = createServer((request, response) => {
  answer(request)
    .catch((error) => [502, { error: error.message }])
    .then(([status, body]) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
});
server.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});

for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => server.close(() => process.exit()));
