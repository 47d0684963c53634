import { createServer } from 'node:http';
import { answer } from './answer.mjs';

const server = createServer(async (request, response) => {
  const { pathname, searchParams } = new URL(request.url, 'http://localhost');
  if (pathname !== '/quote') {
    response.writeHead(404).end();
    return;
  }
  const body = await answer(searchParams.get('postcode') ?? '', Number(searchParams.get('grams')));
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
});
server.listen(Number(process.env.PORT ?? 8080), '127.0.0.1');
process.once('SIGTERM', () => process.exit(0));
