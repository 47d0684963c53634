import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const SERVER = fileURLToPath(new URL('../src/server.js', import.meta.url));

test('the server honours PORT and leaves cleanly on SIGTERM', async (t) => {
  const server = spawn(process.execPath, [SERVER], { env: { ...process.env, PORT: '0' } });
  t.after(() => server.kill('SIGKILL'));
  const exit = once(server, 'exit');
  const [line] = await once(server.stdout.setEncoding('utf8'), 'data');
  const url = /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0];
  assert.ok(url, `no address in ${JSON.stringify(line)}`);

  assert.deepEqual(await (await fetch(`${url}/health`)).json(), { status: 'ok' });
  server.kill('SIGTERM');
  assert.deepEqual(await exit, [0, null]);
  await assert.rejects(fetch(`${url}/health`));
});
