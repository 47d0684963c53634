import fastify from 'fastify';
import { findBook, listShelf } from './books.mjs';
import { buildDatabase, pool } from './database.mjs';
import { openingHours } from './opening-hours.mjs';

const number = (name) => ({
  params: { type: 'object', properties: { [name]: { type: 'integer', minimum: 1 } } },
});

export async function buildApp() {
  await buildDatabase();
  const app = fastify();
  app.addHook('onClose', () => pool.end());

  app.get('/health', async () => ({ status: 'ok' }));

  app.get('/books/:id', { schema: number('id') }, async (request, reply) => {
    const book = await findBook(request.params.id);
    return book ?? reply.code(404).send({ error: 'no such book' });
  });

  app.get('/shelves/:shelf', { schema: number('shelf') }, async ({ params }) => ({
    shelf: params.shelf,
    books: await listShelf(params.shelf),
  }));

  app.get('/hours/:day', async (request, reply) => {
    const hours = openingHours(request.params.day);
    return hours ?? reply.code(404).send({ error: 'closed' });
  });

  return app;
}
