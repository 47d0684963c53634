import express from 'express';
import { describeProduct } from './src/products.mjs';

const app = express();
app.disable('x-powered-by');

app.get('/health', (_request, response) => {
  response.json({ status: 'ok' });
});

app.get('/products/:id', async (request, response) => {
  const product = await describeProduct(Number(request.params.id));
  if (product === undefined) return response.status(404).json({ error: 'no such product' });
  response.json(product);
});

const server = app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});

for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => server.close(() => process.exit()));
