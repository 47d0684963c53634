import fastify from 'fastify';
import { statementOf } from './statement.mjs';

const READERS = {
  de: { locale: 'de-DE', currency: 'EUR' },
  en: { locale: 'en-GB', currency: 'GBP' },
  sv: { locale: 'sv-SE', currency: 'SEK' },
};
const query = {
  params: { type: 'object', properties: { account: { type: 'integer', minimum: 1 } } },
  querystring: {
    type: 'object',
    properties: { language: { type: 'string', enum: Object.keys(READERS), default: 'en' } },
  },
};

export async function buildApp() {
  const app = fastify();
  app.get('/health', async () => ({ status: 'ok' }));
  app.get('/accounts/:account/statement', { schema: query }, async ({ params, query }) =>
    statementOf(params.account, READERS[query.language]),
  );
  return app;
}
