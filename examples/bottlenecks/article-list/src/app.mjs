import fastify from 'fastify';
import { findArticle, listArticles } from './articles.mjs';
import { buildDatabase, pool } from './database.mjs';

const page = {
  querystring: { type: 'object', properties: { page: { type: 'integer', minimum: 1, default: 1 } } },
};
const articleId = { params: { type: 'object', properties: { id: { type: 'integer', minimum: 1 } } } };

export async function buildApp() {
  await buildDatabase();
  const app = fastify();
  app.addHook('onClose', () => pool.end());

  app.get('/health', async () => ({ status: 'ok' }));

  app.get('/articles', { schema: page }, async ({ query }) => ({
    page: query.page,
    articles: await listArticles(query.page),
  }));

  app.get('/articles/:id', { schema: articleId }, async (request, reply) => {
    const article = await findArticle(request.params.id);
    return article ?? reply.code(404).send({ error: 'no such article' });
  });

  return app;
}
