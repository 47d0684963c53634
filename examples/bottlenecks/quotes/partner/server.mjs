/**
 * Stands for the exchange's service. Prints its address, and ends when its input does. GET /stats tells how often it was
 * asked, and over how many connections.
 */
import { createServer } from 'node:https';
import { readFileSync } from 'node:fs';

const file = (name) => readFileSync(new URL(name, import.meta.url));
const stats = { connections: 0, requests: 0 };

const server = createServer({ key: file('key.pem'), cert: file('cert.pem') }, (request, response) => {
  const { pathname } = new URL(request.url, 'https://localhost');
  response.setHeader('content-type', 'application/json');
  if (pathname === '/stats') return response.end(JSON.stringify(stats));
  stats.requests += 1;
  const symbol = decodeURIComponent(pathname.slice('/prices/'.length));
  const cents = [...symbol].reduce((sum, letter) => sum * 31 + letter.codePointAt(0), 7) % 100_000;
  response.end(JSON.stringify({ symbol, bid_cents: cents, ask_cents: cents + 3 }));
});
server.on('secureConnection', () => (stats.connections += 1));
server.listen(0, '127.0.0.1', () => console.log(`https://127.0.0.1:${server.address().port}`));

process.stdin.resume().once('end', () => process.exit());
