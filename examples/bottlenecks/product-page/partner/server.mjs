/**
 * Stands for a service that keeps reviews. Many products have none: then it answers 404. Prints its address, and ends when
 * its input does. GET /stats tells how often it was asked.
 */
import { createServer } from 'node:http';

const ANSWER_MS = 6;
const stats = { requests: 0 };

const server = createServer((request, response) => {
  response.setHeader('content-type', 'application/json');
  if (request.url === '/stats') return response.end(JSON.stringify(stats));
  stats.requests += 1;
  const id = Number(request.url.slice('/reviews/'.length));
  setTimeout(() => {
    if (id % 3 !== 0) return response.writeHead(404).end('{"error":"no reviews"}');
    response.end(JSON.stringify([{ stars: 1 + (id % 5), text: `Product ${id} does what it should` }]));
  }, ANSWER_MS);
});
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`));

process.stdin.resume().once('end', () => process.exit());
