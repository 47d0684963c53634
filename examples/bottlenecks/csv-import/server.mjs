import { createServer } from 'node:http';
import { findFile } from './src/files.mjs';
import { previewOf } from './src/preview.mjs';

function answer({ url }) {
  if (url === '/health') return [200, { status: 'ok' }];
  const [, name] = /^\/files\/([a-z]+)\/preview$/.exec(url) ?? [];
  const file = name === undefined ? undefined : findFile(name);
  return file === undefined ? [404, { error: 'no such file' }] : [200, previewOf(file)];
}

const server = createServer((request, response) => {
  const [status, body] = answer(request);
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
});
server.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});

for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => server.close());
