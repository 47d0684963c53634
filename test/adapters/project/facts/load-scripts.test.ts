import { expect, test } from 'vitest';
import { readArtilleryScript } from '../../../../src/adapters/project/facts/artillery-script.ts';
import { readK6Script } from '../../../../src/adapters/project/facts/k6-script.ts';

const k6 = (code: string) => readK6Script(`import http from 'k6/http';\n${code}`, 'load.js')?.requests;
const artillery = (flow: string, target = 'http://localhost:3000') =>
  readArtilleryScript(`config: { target: '${target}' }\nscenarios:\n  - flow:\n${flow}`, 'load.yml')
    ?.requests;

test.each([
  [`http.get('https://test.k6.io:8443/a?b=1#c')`, { method: 'GET', path: '/a?b=1', isFilled: false }],
  ['http.get(http.url`${BASE}/users/${id}?p=${p}`)', { method: 'GET', path: '/users/1?p=1', isFilled: true }],
  [
    `const B = __ENV.B || 'http://x'; http.del(B + '/a/' + 7)`,
    { method: 'DELETE', path: '/a/7', isFilled: false },
  ],
  [`http.request('PATCH', 'http://x/a', '{"b":1}')`, { method: 'PATCH', body: '{"b":1}', isFilled: false }],
  [
    `http.post('http://x/a', JSON.stringify({ n: 1, t: ['x'] }))`,
    { body: { n: 1, t: ['x'] }, isFilled: false },
  ],
  [`http.post('http://x/a', { user: 'ann' })`, { body: 'user=ann', isFilled: false }],
  [`http.post('http://x/a', JSON.stringify(makeUser()))`, { path: '/a', isFilled: true }],
  [`http.get('http://x')`, { path: '/' }],
])('k6: %s', (code, expected) => {
  expect(k6(code)).toEqual([expect.objectContaining(expected)]);
});

test('k6: batches in each of their forms', () => {
  const found = k6(
    `http.batch(['http://x/a', ['POST', 'http://x/b', 'c'], { method: 'PUT', url: 'http://x/d' }])`,
  );
  expect(found?.map(({ method, path }) => `${method ?? ''} ${path}`)).toEqual([
    'GET /a',
    'POST /b',
    'PUT /d',
  ]);
});

test('k6: addresses that only the running script knows, and scripts without one', () => {
  expect(k6(`http.get(someUrl); http.get('relative'); http.setResponseCallback(x)`)).toEqual([]);
  expect(readK6Script(`import ws from 'k6/ws'`, 'load.js')).toBeUndefined();
});

test.each([
  ['      - get: { url: /a }', { method: 'GET', path: '/a', weight: 1, isFilled: false }],
  ['      - get: { url: "http://localhost:3000/b" }', { path: '/b' }],
  ['      - get: { url: /a, qs: { q: "x y", id: "{{ id }}" } }', { path: '/a?q=x%20y&id=1', isFilled: true }],
  [
    '      - post: { url: "/u/{{ id }}", json: { a: "{{ b }}" } }',
    { path: '/u/1', body: { a: '1' }, isFilled: true },
  ],
  ['      - loop: [{ put: { url: /a, body: text } }]', { method: 'PUT', body: 'text' }],
])('artillery: %s', (flow, expected) => {
  expect(artillery(flow)).toEqual([expect.objectContaining(expected)]);
});

test('artillery: the path of the target, and files of other kinds', () => {
  expect(artillery('      - get: { url: /a }', 'http://localhost/api/')).toMatchObject([{ path: '/api/a' }]);
  expect(readArtilleryScript('scenarios: [', 'load.yml')).toBeUndefined();
  expect(readArtilleryScript('scenarios: [1]', 'load.yml')).toBeUndefined();
});
