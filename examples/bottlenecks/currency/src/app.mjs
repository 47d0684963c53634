import fastify from 'fastify';
import { readRates } from './rates.mjs';

const conversion = {
  querystring: {
    type: 'object',
    required: ['cents', 'to'],
    properties: { cents: { type: 'integer', minimum: 1 }, to: { type: 'string', pattern: '^[A-Z]{3}$' } },
  },
};

export async function buildApp() {
  const app = fastify();

  app.get('/health', async () => ({ status: 'ok' }));

  app.get('/convert', { schema: conversion }, async ({ query }, reply) => {
    const { day, rates } = await readRates();
    const rate = rates[query.to];
    if (rate === undefined) return reply.code(404).send({ error: 'no such currency' });
    return { day, from: 'EUR', to: query.to, rate, cents: Math.round(query.cents * rate) };
  });

  return app;
}
