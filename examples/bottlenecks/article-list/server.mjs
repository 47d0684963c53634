import { buildApp } from './src/app.mjs';

const app = await buildApp();

for (const signal of ['SIGTERM', 'SIGINT']) {
  process.once(signal, () => void app.close());
}

const port = Number(process.env.PORT ?? 3000);
console.log(`listening on ${await app.listen({ port, host: '127.0.0.1' })}`);
