import fastify from 'fastify';
import { openCatalogue } from './catalogue.js';
import { similarProducts } from './similarity.js';

const RECOMMENDATIONS = 10;
const productId = {
  type: 'object',
  properties: { id: { type: 'integer', minimum: 1 } },
};
const pageNumber = {
  type: 'object',
  properties: { page: { type: 'integer', minimum: 1, maximum: 1000, default: 1 } },
};

/** The HTTP service, ready to listen. */
export function buildApp() {
  const app = fastify();
  const catalogue = openCatalogue();
  app.addHook('onClose', async () => catalogue.close());

  app.get('/health', async () => ({ status: 'ok' }));

  app.get('/products', { schema: { querystring: pageNumber } }, async (request) =>
    catalogue.listProducts(request.query.page),
  );

  app.get('/products/:id', { schema: { params: productId } }, async (request, reply) => {
    const product = catalogue.findProduct(request.params.id);
    if (product === undefined) return reply.code(404).send({ error: 'no such product' });
    return { ...product, tags: product.tags.split(', '), reviews: catalogue.findReviews(product.id) };
  });

  app.get('/recommendations/:id', { schema: { params: productId } }, async (request, reply) => {
    const product = catalogue.findProduct(request.params.id);
    if (product === undefined) return reply.code(404).send({ error: 'no such product' });
    const candidates = catalogue.findInStock(product.department);
    const similar = similarProducts(product, candidates, RECOMMENDATIONS);
    return {
      id: product.id,
      recommendations: similar.map(({ product: found, score }) => ({
        id: found.id,
        name: found.name,
        price_cents: found.price_cents,
        score,
        rating: catalogue.rateProduct(found.id),
        latest_review: catalogue.findLatestReview(found.id),
      })),
    };
  });

  return app;
}
