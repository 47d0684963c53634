import express from 'express';
import { revenueBetween } from './src/report.mjs';

const app = express();
app.disable('x-powered-by');

app.get('/health', (_request, response) => {
  response.json({ status: 'ok' });
});

app.get('/revenue', (request, response) => {
  const from = Number(request.query.from ?? 0);
  const to = Number(request.query.to ?? 24);
  if (!(from >= 0 && to <= 24 && from < to)) return response.status(400).json({ error: 'no such hours' });
  response.json({ from, to, revenue_cents: revenueBetween(from, to) });
});

const server = app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});

for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => server.close());
