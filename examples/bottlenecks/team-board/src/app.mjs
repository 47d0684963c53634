import express from 'express';
import { loadBoard } from './board.mjs';

export function buildApp() {
  const app = express();
  app.disable('x-powered-by');

  app.get('/health', (_request, response) => {
    response.json({ status: 'ok' });
  });

  app.get('/boards/:id', async (request, response) => {
    const id = Number(request.params.id);
    const board = Number.isSafeInteger(id) ? await loadBoard(id) : undefined;
    if (board === undefined) return response.status(404).json({ error: 'no such board' });
    response.json(board);
  });

  return app;
}
