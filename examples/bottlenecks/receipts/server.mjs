import express from 'express';
import { findReceipt } from './src/receipts.mjs';
import { renderReceipt } from './src/render.mjs';

const app = express();
app.disable('x-powered-by');

app.get('/health', (_request, response) => {
  response.json({ status: 'ok' });
});

app.get('/receipts/:id', (request, response) => {
  const receipt = findReceipt(Number(request.params.id));
  if (receipt === undefined) return response.status(404).json({ error: 'no such receipt' });
  response.type('html').send(renderReceipt(receipt));
});

const server = app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});

for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => server.close());
