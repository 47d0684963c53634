import { buildApp } from './src/app.mjs';
import { buildDatabase, pool } from './src/database.mjs';

await buildDatabase();
const server = buildApp().listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});

for (const signal of ['SIGTERM', 'SIGINT']) {
  process.once(signal, () => server.close(() => void pool.end()));
}
