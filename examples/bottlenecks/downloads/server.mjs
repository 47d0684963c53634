import { createServer } from 'node:http';
import { compress } from './src/compress.mjs';
import { findReport } from './src/reports.mjs';

async function sendReport(request, response, report) {
  response.setHeader('content-type', 'text/csv; charset=utf-8');
  response.setHeader('vary', 'accept-encoding');
  if (!/\bgzip\b/.test(request.headers['accept-encoding'] ?? '')) return response.end(report);
  response.setHeader('content-encoding', 'gzip');
  response.end(await compress(report));
}

const server = createServer((request, response) => {
  if (request.url === '/health') return response.end('ok');
  const [, station] = /^\/reports\/([a-z]+)\.csv$/.exec(request.url) ?? [];
  const report = station === undefined ? undefined : findReport(station);
  if (report === undefined) return response.writeHead(404).end();
  sendReport(request, response, report).catch((error) => response.destroy(error));
});
server.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});

for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => server.close());
