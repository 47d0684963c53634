/**
 * Stands for a bank that publishes its rates once a day, and says so in Cache-Control. Prints its address, and ends when its
 * input does. GET /stats tells how often it was asked.
 */
import { createServer } from 'node:http';

const ANSWER_MS = 10;
const RATES = { CHF: 0.9412, DKK: 7.4601, GBP: 0.8554, NOK: 11.6893, PLN: 4.2865, SEK: 11.2475, USD: 1.0823 };
const stats = { requests: 0 };

const server = createServer((request, response) => {
  response.setHeader('content-type', 'application/json');
  if (request.url === '/stats') return response.end(JSON.stringify(stats));
  stats.requests += 1;
  setTimeout(() => {
    response.setHeader('cache-control', 'public, max-age=3600');
    response.end(JSON.stringify({ base: 'EUR', day: '2024-06-03', rates: RATES }));
  }, ANSWER_MS);
});
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`));

process.stdin.resume().once('end', () => process.exit());
