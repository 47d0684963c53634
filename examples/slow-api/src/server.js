import { buildApp } from './app.js';

const port = Number(process.env.PORT ?? 3000);
const app = buildApp();

for (const signal of ['SIGTERM', 'SIGINT']) {
  // Answers what is in flight, closes idle keep-alive connections and the database; then nothing holds the process.
  process.once(signal, () => void app.close());
}

console.log(`listening on ${await app.listen({ port, host: '127.0.0.1' })}`);
