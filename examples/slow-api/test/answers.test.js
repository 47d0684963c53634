import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { buildApp } from '../src/app.js';

/**
 * Answers of the first version, byte by byte (JSON text inside JSON), by request path. A faster service has to
 * give the same ones, so this file is never regenerated together with a change for speed.
 */
const golden = JSON.parse(readFileSync(new URL('golden.json', import.meta.url), 'utf8'));

const app = buildApp();
let url;
before(async () => {
  url = await app.listen({ port: 0, host: '127.0.0.1' });
});
after(() => app.close());

for (const [path, body] of Object.entries(golden)) {
  test(`GET ${path} answers as ever`, async () => {
    const response = await fetch(url + path);
    assert.equal(response.status, 200);
    assert.equal(await response.text(), body);
  });
}

test('recommendations are ten other products, the most similar one first', async () => {
  for (const id of [1, 299, 600]) {
    const { recommendations } = await (await fetch(`${url}/recommendations/${id}`)).json();
    const scores = recommendations.map(({ score }) => score);
    assert.equal(new Set(recommendations.map((found) => found.id)).size, 10);
    assert.ok(recommendations.every((found) => found.id !== id));
    assert.deepEqual(
      scores,
      scores.toSorted((a, b) => b - a),
    );
  }
});

test('what does not exist is 404, what is not a number is 400', async () => {
  const statusOf = async (path) => (await fetch(url + path)).status;
  assert.equal(await statusOf('/products/601'), 404);
  assert.equal(await statusOf('/recommendations/601'), 404);
  assert.equal(await statusOf('/recommendations/kettle'), 400);
  assert.equal(await statusOf('/products?page=0'), 400);
  assert.equal(await statusOf('/nothing-here'), 404);
});
