import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { importRequests } from '../../../src/core/goals/import-requests.ts';
import { goalsSchema } from '../../../src/core/model/goals.ts';

const FIXTURES = join(import.meta.dirname, '..', '..', 'fixtures', 'har');
const recorded = (name: string) => readFileSync(join(FIXTURES, name), 'utf8');
const importHar = (text: string, maxRequests = 20) =>
  importRequests(text, { file: 'traffic.har', maxRequests, maxCharacters: 8000 });

interface Entry {
  readonly method?: string;
  readonly url?: string;
  readonly status?: number;
  readonly mime?: string;
  readonly headers?: readonly { readonly name: string; readonly value: string }[];
  readonly body?: { readonly mimeType: string; readonly text: string };
}

const entry = ({ method = 'GET', url = 'http://localhost/x', status = 200, ...rest }: Entry) => ({
  request: {
    method,
    url,
    headers: rest.headers ?? [],
    ...(rest.body === undefined ? {} : { postData: rest.body }),
  },
  response: { status, content: { mimeType: rest.mime ?? 'application/json' } },
});
const importEntries = (entries: readonly unknown[], maxRequests?: number) =>
  importHar(JSON.stringify({ log: { entries } }), maxRequests);

const TENANT = { 'x-tenant': 'acme' };

describe.each(['playwright-1.65.1.har', 'chrome-har-1.3.1.har'])('a recording by %s', (name) => {
  const imported = importHar(recorded(name));

  it('becomes the calls of its API, weighted by how often they came', () => {
    const get = (path: string, weight: number) => ({
      method: 'GET',
      path,
      headers: TENANT,
      expect: { status: 200 },
      weight,
    });
    expect(imported.requests).toEqual([
      get('/api/products/7', 4),
      get('/api/products/9', 3),
      get('/api/products/11', 1),
      get('/api/products?page=1&api_key=replace-me', 2),
      get('/api/products?page=2&api_key=replace-me', 1),
      get('/api/products?page=3&api_key=replace-me', 1),
      {
        method: 'POST',
        path: '/api/orders',
        headers: TENANT,
        body: { product: 7, quantity: 2 },
        expect: { status: 201 },
        weight: 1,
      },
      {
        method: 'POST',
        path: '/api/orders',
        headers: { 'content-type': 'application/x-www-form-urlencoded;charset=UTF-8' },
        body: 'product=9&csrf_token=replace-me',
        expect: { status: 201 },
        weight: 1,
      },
      {
        method: 'POST',
        path: '/api/login',
        body: { user: 'ann', password: 'replace-me' },
        expect: { status: 200 },
        weight: 1,
      },
    ]);
  });

  it('lets no secret through, and names what it kept back', () => {
    for (const secret of ['hunter2', 't-1', 's-42', 'k-123', 'c-1', 'Bearer']) {
      expect(recorded(name)).toContain(secret);
      expect(JSON.stringify(imported)).not.toContain(secret);
    }
    const notes = imported.missing.map(({ what }) => what).join('\n');
    expect(notes).toMatch(/headers .*authorization/);
    expect(notes).toMatch(/headers .*cookie/);
    expect(notes).toContain('values of password, api_key, csrf_token');
    expect(notes).toContain('effects of POST /api/orders, POST /api/login');
  });

  it('says what was left out', () => {
    expect(imported.found.join('\n')).toContain('are calls to http://127.0.0.1:3000; 4 of 4 routes kept');
    for (const reason of [
      'static assets (3)',
      'pages (1)',
      'failed calls (1)',
      'sockets, streams and beacons (2)',
      'calls to other origins (2)',
      'uploads (multipart) (1)',
    ]) {
      expect(imported.found.join('\n')).toContain(reason);
    }
  });
});

it('keeps the frequency of a route whose ids are many, within the bound', () => {
  const ids = Array.from({ length: 60 }, (_, id) => entry({ url: `http://localhost/items/${id}` }));
  const lists = Array.from({ length: 40 }, () => entry({ url: 'http://localhost/items' }));
  const rare = Array.from({ length: 5 }, (_, n) =>
    entry({ url: `http://localhost/rare-${'abcde'[n] ?? ''}` }),
  );
  const { requests } = importEntries([...ids, ...lists, ...rare], 5);
  const weightOf = (test: RegExp) =>
    requests.filter(({ path }) => test.test(path)).reduce((sum, { weight = 1 }) => sum + weight, 0);
  expect(requests.length).toBeLessThanOrEqual(5);
  expect(weightOf(/^\/items\/\d+$/)).toBe(60);
  expect(weightOf(/^\/items$/)).toBe(40);
});

it('takes pages where there is nothing else', () => {
  const pages = [entry({ url: 'http://localhost/posts?page=2', mime: 'text/html; charset=utf-8' })];
  expect(importEntries(pages).requests).toMatchObject([{ path: '/posts?page=2' }]);
});

it('expects the full answer where the recording had one from a cache', () => {
  const headers = [{ name: 'If-None-Match', value: '"1"' }];
  expect(importEntries([entry({ status: 304, headers })]).requests).toEqual([
    { method: 'GET', path: '/x', expect: { status: 200 }, weight: 1 },
  ]);
});

it('tells operations of GraphQL apart, although they share an address', () => {
  const query = (operationName: string, id: number) =>
    entry({
      method: 'POST',
      url: 'http://localhost/graphql',
      body: { mimeType: 'application/json', text: JSON.stringify({ operationName, variables: { id } }) },
    });
  const { requests, found } = importEntries([query('Post', 1), query('Post', 2), query('Feed', 1)], 2);
  expect(found[0]).toContain('2 of 2 routes');
  expect(requests.map(({ body }) => (body as { operationName: string }).operationName)).toEqual([
    'Post',
    'Feed',
  ]);
});

it('asks for bodies that were not recorded, and leaves long ones out', () => {
  const headers = [{ name: 'content-type', value: 'application/json' }];
  const text = JSON.stringify({ note: 'x'.repeat(20_000) });
  const { missing, found } = importEntries([
    entry({ method: 'PUT', url: 'http://localhost/a', headers }),
    entry({ method: 'PUT', url: 'http://localhost/b', body: { mimeType: 'application/json', text } }),
  ]);
  expect(missing).toContainEqual({ what: 'bodies of PUT /a', why: 'are not in the recording; give them' });
  expect(found.join()).toContain('bodies over 16 KiB (1)');
});

test.each([
  ['nothing recorded', '{"log":{"entries":[]}}', /no call that can be repeated among its 0 entries/],
  [
    'assets only',
    JSON.stringify({ log: { entries: [entry({ mime: 'image/png' })] } }),
    /static assets \(1\)/,
  ],
  ['broken entries', '{"log":{"entries":[1,{"request":{}}]}}', /unreadable entries \(2\)/],
  ['cut off', '{"log":{"entries":[\n{"request":{"method":"GET"', /line 2, column \d+: expected/],
  ['something else', '{"hello":1}', /of no kind/],
  ['empty', ' \n', /is empty/],
])('%s is an error that says so', (_, text, message) => {
  expect(() => importHar(text)).toThrow(
    expect.objectContaining({ code: 'invalid_import', message: expect.stringMatching(message) as string }),
  );
});

it('stays below what an answer has room for', () => {
  const many = Array.from({ length: 20 }, (_, n) =>
    entry({
      method: 'POST',
      url: `http://localhost/${'abcdefghijklmnopqrst'.charAt(n)}`,
      body: { mimeType: 'application/json', text: JSON.stringify({ note: 'x'.repeat(3000) }) },
    }),
  );
  const { requests, found } = importEntries(many);
  expect(requests).toHaveLength(2);
  expect(found.join()).toContain('left out: requests with long bodies (18)');
});

it('gives valid requests, whatever a recording holds', () => {
  const text = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.webUrl());
  const pair = fc.record({ name: text, value: text });
  const entries = fc.array(
    fc.record({
      request: fc.record({
        method: fc.constantFrom('GET', 'post', 'BREW', 'HEAD'),
        url: fc.oneof(fc.webUrl({ withQueryParameters: true, withFragments: true }), text),
        headers: fc.array(pair),
        postData: fc.option(
          fc.record(
            { mimeType: fc.constantFrom('application/json', 'text/plain', ''), text },
            { requiredKeys: [] },
          ),
          { nil: undefined },
        ),
      }),
      response: fc.record({
        status: fc.constantFrom(0, 200, 304, 404),
        content: fc.record({ mimeType: fc.constantFrom('application/json', 'text/html', '') }),
      }),
    }),
  );
  fc.assert(
    fc.property(entries, (some) => {
      let requests;
      try {
        ({ requests } = importEntries(some));
      } catch (error) {
        expect(error).toMatchObject({ code: 'invalid_import' });
        return;
      }
      const workload = { name: 'x', kind: 'http', start: { command: ['x'] }, requests };
      goalsSchema.parse({ workloads: [workload], objectives: [], constraints: [] });
    }),
  );
});
