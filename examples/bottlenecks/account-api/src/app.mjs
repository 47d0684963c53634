import fastify from 'fastify';
import { findHolder } from './keys.mjs';

const PRICES = { letter: 110, parcel: 549, pallet: 8900 };

export async function buildApp() {
  const app = fastify();
  app.decorateRequest('holder', null);

  app.get('/health', async () => ({ status: 'ok' }));

  app.register(async (api) => {
    api.addHook('onRequest', async (request, reply) => {
      request.holder = findHolder(String(request.headers['x-api-key'] ?? ''));
      if (request.holder === undefined) return reply.code(401).send({ error: 'not a valid key' });
    });

    api.get('/account', async ({ holder }) => ({ account: holder.account, credit: holder.credit }));

    api.get('/prices/:goods', async (request, reply) => {
      const cents = PRICES[request.params.goods];
      if (cents === undefined) return reply.code(404).send({ error: 'no such goods' });
      return { goods: request.params.goods, cents, affordable: request.holder.credit * 100 >= cents };
    });
  });

  return app;
}
