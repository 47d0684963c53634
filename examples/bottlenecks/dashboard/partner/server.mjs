/**
 * Stands for the three services that a dashboard asks, each a few milliseconds away. Prints its address, and ends when its
 * input does. GET /stats tells how often it was asked, and how many at a time.
 */
import { createServer } from 'node:http';

const ANSWERS = {
  '/weather/': [
    9,
    (city) => ({ city, degrees: city.length * 2, sky: city.length % 2 === 0 ? 'clear' : 'clouds' }),
  ],
  '/departures/': [11, (city) => ({ city, next: [4, 9, 17].map((minutes) => minutes + (city.length % 3)) })],
  '/headlines/': [10, (city) => ({ city, headlines: [`${city} opens a park`, `A quiet day in ${city}`] })],
};
const stats = { requests: 0, most_at_once: 0 };
let now = 0;

const server = createServer((request, response) => {
  response.setHeader('content-type', 'application/json');
  if (request.url === '/stats') return response.end(JSON.stringify(stats));
  const prefix = Object.keys(ANSWERS).find((start) => request.url.startsWith(start));
  if (prefix === undefined) return response.writeHead(404).end('{}');
  stats.requests += 1;
  stats.most_at_once = Math.max(stats.most_at_once, (now += 1));
  const [milliseconds, answer] = ANSWERS[prefix];
  setTimeout(() => {
    now -= 1;
    response.end(JSON.stringify(answer(decodeURIComponent(request.url.slice(prefix.length)))));
  }, milliseconds);
});
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`));

process.stdin.resume().once('end', () => process.exit());
