import { createServer } from 'node:http';
import { checkForm } from './src/check.mjs';
import { readJson, send } from './src/http.mjs';

const server = createServer(async (request, response) => {
  if (request.url === '/health') return send(response, 200, { status: 'ok' });
  if (request.url !== '/signup' || request.method !== 'POST')
    return send(response, 404, { error: 'not found' });
  const form = await readJson(request);
  if (form === undefined) return send(response, 400, { error: 'not a form' });
  const problems = checkForm(form);
  if (Object.keys(problems).length > 0) return send(response, 422, { problems });
  send(response, 201, { welcome: form.name.trim() });
});

server.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});

for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => server.close());
