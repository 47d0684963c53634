import fastify from 'fastify';
import { buildDatabase, pool } from './database.mjs';
import { findCustomer, findOrder, lastOrders } from './orders.mjs';

const id = { params: { type: 'object', properties: { id: { type: 'integer', minimum: 1 } } } };

export async function buildApp() {
  await buildDatabase();
  const app = fastify();
  app.addHook('onClose', () => pool.end());

  app.get('/health', async () => ({ status: 'ok' }));

  app.get('/customers/:id/orders', { schema: id }, async (request, reply) => {
    const customer = await findCustomer(request.params.id);
    if (customer === undefined) return reply.code(404).send({ error: 'no such customer' });
    return { customer, orders: await lastOrders(customer.id) };
  });

  app.get('/orders/:id', { schema: id }, async (request, reply) => {
    const order = await findOrder(request.params.id);
    return order ?? reply.code(404).send({ error: 'no such order' });
  });

  return app;
}
