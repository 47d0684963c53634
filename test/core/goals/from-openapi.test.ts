import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, test } from 'vitest';
import { importRequests } from '../../../src/core/goals/import-requests.ts';

const FIXTURES = join(import.meta.dirname, '..', '..', 'fixtures');
const read = (path: string) => readFileSync(join(FIXTURES, path), 'utf8');
const importText = (text: string, maxRequests = 20) =>
  importRequests(text, { file: 'openapi.yaml', maxRequests, maxCharacters: 8000 });
const importValue = (document: unknown) => importText(JSON.stringify(document));
const operation = (parameters: readonly unknown[], extra = {}) => ({
  openapi: '3.1.0',
  paths: { '/x': { get: { parameters, ...extra } } },
});
const pathOf = (document: unknown) => importValue(document).requests[0]?.path;

it('takes what reads first, with the values of the document', () => {
  const { requests, found, missing } = importText(read('projects/flask-petshop/api/openapi.yaml'));
  expect(requests).toEqual([
    {
      name: 'list-pets',
      method: 'GET',
      path: '/v1/pets?limit=20&tags=small&tags=calm',
      headers: { 'X-Trace': 'none' },
      expect: { status: 200 },
    },
    { name: 'get-pet', method: 'GET', path: '/v1/pets/17', expect: { status: 200 } },
    {
      name: 'get-owner',
      method: 'GET',
      path: '/v1/owners/00000000-0000-4000-8000-000000000001',
      expect: { status: 200 },
    },
    {
      name: 'create-pet',
      method: 'POST',
      path: '/v1/pets',
      headers: { 'X-Trace': 'none' },
      body: { name: 'Rex', kind: 'dog', owner: { email: 'ann@example.com', password: 'replace-me' } },
      expect: { status: 201 },
    },
  ]);
  expect(found).toEqual([
    'openapi.yaml: 4 of 4 operations as requests',
    expect.stringMatching(/DELETE .*image\/png.*endless stream.*deprecated/) as string,
  ]);
  expect(missing.map(({ what }) => what)).toEqual([
    'values in GET /v1/owners/00000000-0000-4000-8000-000000000001 (ownerId), POST /v1/pets (the body)',
    'credentials of POST /v1/pets',
    'values of password',
    'effects of POST /v1/pets',
  ]);
});

it('reads Swagger 2', () => {
  const { requests, missing } = importText(read('openapi/swagger-2.json'));
  expect(requests).toEqual([
    {
      name: 'orders_list',
      method: 'GET',
      path: '/api/orders?state=open,paid&since=2026-01-01',
      expect: { status: 200 },
    },
    {
      name: 'orders_create',
      method: 'POST',
      path: '/api/orders',
      // An order holds orders: the example ends somewhere.
      body: expect.objectContaining({ product: 10 }) as unknown,
      expect: { status: 201 },
    },
    {
      method: 'POST',
      path: '/api/login',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'user=ann&password=replace-me',
    },
  ]);
  expect(JSON.stringify(requests).length).toBeLessThan(2000);
  expect(missing[1]?.what).toBe(
    'credentials of GET /api/orders?state=open,paid&since=2026-01-01, POST /api/orders',
  );
});

test.each([
  ['exploded', { schema: { type: 'array' }, example: ['a', 'b'] }, '/x?q=a&q=b'],
  ['joined', { explode: false, schema: { type: 'array' }, example: ['a', 'b'] }, '/x?q=a,b'],
  ['deep', { style: 'deepObject', schema: { type: 'object' }, example: { a: 1 } }, '/x?q[a]=1'],
  ['as members', { schema: { type: 'object' }, example: { a: 1, b: 'c' } }, '/x?a=1&b=c'],
  [
    'of its content',
    { required: true, content: { 'application/json': { schema: { default: 'y z' } } } },
    '/x?q=y%20z',
  ],
  ['optional and unknown', { schema: { type: 'string' } }, '/x'],
  ['nullable', { required: true, schema: { type: ['null', 'integer'], minimum: 5 } }, '/x?q=5'],
  ['long', { required: true, schema: { type: 'string', minLength: 9, maxLength: 12 } }, '/x?q=examplexx'],
])('a query parameter %s', (_, parameter, path) => {
  expect(pathOf(operation([{ name: 'q', in: 'query', ...parameter }]))).toBe(path);
});

it('stands below the path of its server', () => {
  expect(pathOf({ ...operation([]), servers: [{ url: 'https://api.example.com/v2/' }] })).toBe('/v2/x');
  expect(pathOf({ ...operation([]), servers: [{ url: '/base' }] })).toBe('/base/x');
  expect(pathOf({ ...operation([]), servers: [{ url: 'https://[broken' }] })).toBe('/x');
});

it('follows references as far as they lead, and names those that lead nowhere', () => {
  const document = {
    ...operation([
      { $ref: '#/components/parameters/a~1b' },
      { $ref: 'other.yaml#/Parameter' },
      { $ref: '#/components/parameters/circle' },
    ]),
    components: {
      parameters: {
        'a/b': { name: 'p', in: 'query', example: 3 },
        circle: { $ref: '#/components/parameters/circle' },
      },
    },
  };
  const { requests, missing } = importValue(document);
  expect(requests[0]?.path).toBe('/x?p=3');
  expect(missing).toEqual([
    { what: expect.stringMatching(/other\.yaml.*circle/) as string, why: expect.any(String) as string },
  ]);
});

it('does not take members of JavaScript objects for parts of a document', () => {
  const { missing } = importValue(operation([{ $ref: '#/paths/constructor/name' }]));
  expect(missing[0]?.what).toContain('#/paths/constructor/name');
});

test.each([
  ['no paths', 'openapi: 3.0.0\n', /without "paths"/],
  ['nothing to repeat', 'openapi: 3.0.0\npaths: { /x: { delete: {} } }', /no operation that load can repeat/],
  ['a fault in YAML', 'openapi: 3.0.0\npaths:\n  /x: [1, 2\n', /line \d+, column \d+: /],
  ['a tab in YAML', 'openapi: 3.0.0\npaths:\n\t/x: {}\n', /line 3, column 1: /],
  ['a fault in JSON', '{"openapi": "3.0.0",\n "paths": {,}}', /line 2, column 12: expected/],
  ['aliases of aliases', bomb(), /aliases too often/],
])('%s is an error that says so', (_, text, message) => {
  expect(() => importText(text)).toThrow(
    expect.objectContaining({ code: 'invalid_import', message: expect.stringMatching(message) as string }),
  );
});

function bomb(): string {
  const lines = Array.from(
    { length: 9 },
    (_, n) => `a${n + 1}: &a${n + 1} [${Array(10).fill(`*a${n}`).join(', ')}]`,
  );
  return ['openapi: 3.0.0', 'a0: &a0 [x]', ...lines].join('\n');
}
