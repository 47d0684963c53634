import express from 'express';
import { findPost, latestPosts } from './posts.mjs';

export function buildApp() {
  const app = express();
  app.disable('x-powered-by');

  app.get('/health', (_request, response) => {
    response.json({ status: 'ok' });
  });

  app.get('/posts', async (request, response) => {
    const page = Number(request.query.page ?? 1);
    if (!Number.isInteger(page) || page < 1) return response.status(400).json({ error: 'no such page' });
    response.json({ page, posts: await latestPosts(page) });
  });

  app.get('/posts/:id', async (request, response) => {
    const id = Number(request.params.id);
    const post = Number.isSafeInteger(id) ? await findPost(id) : undefined;
    if (post === undefined) return response.status(404).json({ error: 'no such post' });
    response.json(post);
  });

  return app;
}
