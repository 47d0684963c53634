import fastify from 'fastify';
import { loadBasket } from './baskets.mjs';
import { buildDatabase, pool } from './database.mjs';

const basketId = { params: { type: 'object', properties: { id: { type: 'integer', minimum: 1 } } } };

export async function buildApp() {
  await buildDatabase();
  const app = fastify();
  app.addHook('onClose', () => pool.end());

  app.get('/health', async () => ({ status: 'ok' }));

  app.get('/baskets/:id', { schema: basketId }, async (request, reply) => {
    const basket = await loadBasket(request.params.id);
    return basket ?? reply.code(404).send({ error: 'no such basket' });
  });

  return app;
}
