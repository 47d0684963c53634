import fastify from 'fastify';
import { fetchPrice } from './src/exchange.mjs';

const app = fastify();
const symbol = {
  params: { type: 'object', properties: { symbol: { type: 'string', pattern: '^[A-Z]{1,5}$' } } },
};

app.get('/health', async () => ({ status: 'ok' }));

app.get('/quotes/:symbol', { schema: symbol }, async (request) => {
  const { bid_cents, ask_cents } = await fetchPrice(request.params.symbol);
  return {
    symbol: request.params.symbol,
    bid: bid_cents / 100,
    ask: ask_cents / 100,
    spread_cents: ask_cents - bid_cents,
  };
});

for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => void app.close());

const port = Number(process.env.PORT ?? 3000);
console.log(`listening on ${await app.listen({ port, host: '127.0.0.1' })}`);
