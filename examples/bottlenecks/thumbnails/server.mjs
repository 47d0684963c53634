import { createServer } from 'node:http';
import { makeThumbnail } from './src/jobs.mjs';

const WIDTHS = new Set([16, 32, 64]);

async function answer({ url }) {
  if (url === '/health') return [200, { status: 'ok' }];
  const [, picture, width] = /^\/pictures\/(\d{1,4})\/thumbnail\/(\d{2})$/.exec(url) ?? [];
  if (!WIDTHS.has(Number(width))) return [404, { error: 'no such picture' }];
  return [200, await makeThumbnail(Number(picture), Number(width))];
}

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

for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => server.close(() => process.exit()));
