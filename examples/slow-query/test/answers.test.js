import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

/**
 * The rows of the first version, as lines of JSON, by question. A faster query has to give the same ones, so this file is
 * never regenerated together with a change for speed.
 */
const golden = JSON.parse(readFileSync(new URL('golden.json', import.meta.url), 'utf8'));
const cwd = fileURLToPath(new URL('..', import.meta.url));
const node = (...args) => execFileSync(process.execPath, args, { cwd, encoding: 'utf8' });

node('src/build.js');

for (const [question, rows] of Object.entries(golden)) {
  test(`${question} answers as ever`, () => {
    assert.deepEqual(
      node('src/ask.js', ...question.split(' '))
        .trimEnd()
        .split('\n'),
      rows,
    );
  });
}

test('a customer who never ordered and a month without orders have no rows', () => {
  assert.equal(node('src/ask.js', 'customer-orders', '4001'), '');
  assert.equal(node('src/ask.js', 'monthly-revenue', '2031-01'), '');
});
