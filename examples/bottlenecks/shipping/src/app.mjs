import fastify from 'fastify';
import { buildDatabase, pool } from './database.mjs';
import { offerFor } from './offers.mjs';

const parcel = {
  params: { type: 'object', properties: { country: { type: 'string', pattern: '^[A-Z]{2}$' } } },
  querystring: {
    type: 'object',
    properties: { kilograms: { type: 'integer', minimum: 1, maximum: 30, default: 1 } },
  },
};

export async function buildApp() {
  await buildDatabase();
  const app = fastify();
  app.addHook('onClose', () => pool.end());

  app.get('/health', async () => ({ status: 'ok' }));

  app.get('/offers/:country', { schema: parcel }, async ({ params, query }, reply) => {
    const offer = await offerFor(params.country, query.kilograms);
    if (offer === undefined) return reply.code(404).send({ error: 'we do not ship there' });
    return { country: params.country, kilograms: query.kilograms, ...offer, days: 1 + offer.zone };
  });

  return app;
}
