import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createLoadGenerator } from '../../../src/adapters/load/load-generator.ts';
import { compareBehaviour } from '../../../src/core/behaviour/compare-behaviour.ts';
import { describeDifference, describeMasked } from '../../../src/core/behaviour/describe.ts';
import { learnMask } from '../../../src/core/behaviour/learn-mask.ts';
import type { Behaviour } from '../../../src/core/behaviour/model.ts';
import type { AnswersPlan, LoadGenerator, LoadRequest, LoadStep } from '../../../src/core/ports/load.ts';
import { bundleChildren, type BundledChildren } from '../../support/bundle-children.ts';
import { createSimpleProcesses } from '../../support/simple-processes.ts';

const processes = createSimpleProcesses();
const { signal } = new AbortController();
let children: BundledChildren;
let load: LoadGenerator;

beforeAll(async () => {
  children = await bundleChildren('src/adapters/load', ['child-answers']);
  load = createLoadGenerator({
    processes,
    closedLoopFile: '',
    openLoopFile: '',
    answersFile: children.file('child-answers'),
    ceilingServerFile: '',
  });
});
afterAll(async () => {
  await processes.killAll();
  await children.remove();
});

const PAGE: LoadRequest = {
  name: 'page',
  method: 'GET',
  path: '/posts?page={{page}}',
  headers: {},
  weight: 3,
  expect: { status: 200 },
};
const HEALTH: LoadRequest = { ...PAGE, name: 'health', path: '/health' };
const CREATE: LoadRequest = {
  ...PAGE,
  name: 'create',
  method: 'POST',
  path: '/posts',
  body: '{"title":"{{title}}"}',
  bodyIsJson: true,
};
const DATA = { columns: ['page', 'title'], rows: [[1, 'one'], [2, 'two'], [3, 'three']] }; // prettier-ignore

async function answersOf(listener: RequestListener, change: Partial<AnswersPlan> = {}): Promise<Behaviour> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return await load.answers(
    {
      origin: `http://127.0.0.1:${port}`,
      requests: [PAGE, HEALTH],
      data: DATA,
      seed: 7,
      runId: 'run_answers0',
      scope: { limitMs: 20_000, places: [[`:${port}`, ':<port>']] },
      ...change,
    },
    signal,
  );
}

function json(response: ServerResponse, value: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(200, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(value));
}

interface Blog {
  readonly price?: number;
  readonly cached?: boolean;
  readonly type?: string;
}

/** Counts what it is asked, says when, and keeps what is posted. */
function createBlog({ price = 12.5, cached = false, type }: Blog = {}): RequestListener {
  const titles: string[] = [];
  let first: string | undefined;
  return (request, response) => {
    let text = '';
    request.on('data', (chunk) => (text += String(chunk)));
    request.on('end', () => {
      if (request.method === 'POST') {
        titles.push((JSON.parse(text) as { title: string }).title);
        json(response, { id: titles.length }, { location: `http://${request.headers.host ?? ''}/posts/1` });
        return;
      }
      first ??= request.url;
      const url = cached ? first : request.url;
      const at = new Date().toISOString() + String(Math.random());
      const items = [{ title: `post of ${url}`, price, at }];
      json(response, { items, titles }, type === undefined ? {} : { 'content-type': type });
    });
  };
}

async function said(
  before: Blog,
  after: Blog,
  change: Partial<AnswersPlan> = {},
): Promise<readonly string[]> {
  const first = await answersOf(createBlog(before), change);
  const second = await answersOf(createBlog(before), change);
  const candidate = await answersOf(createBlog(after), change);
  return compareBehaviour(first, candidate, learnMask([first, second])).differences.map(describeDifference);
}

describe('answers', () => {
  it('are to each request once, again, and then with further rows of the data', async () => {
    const { observations, extent } = await answersOf(createBlog(), { requests: [PAGE, HEALTH, CREATE] });
    const names = observations.map(({ name }) => name);
    expect(names.slice(1, 3)).toEqual(['GET /health', 'POST /posts']);
    expect(names[3]).toBe(`${names[0]}, again`);
    expect(names[4]).toBe('GET /health, again');
    expect(names).toHaveLength(3 + 2 + 2 * 2);
    expect(new Set(names.filter((name) => name.startsWith('GET /posts')))).toEqual(
      new Set([1, 2, 3].map((page) => `GET /posts?page=${page}`).concat(`${names[0]}, again`)),
    );
    expect(extent).toBe(9);
    expect(observations[2]?.facets).toEqual({
      status: { kind: 'tree', tree: 200 },
      'header content-type': { kind: 'text', text: 'application/json' },
      'header location': { kind: 'text', text: 'http://127.0.0.1:<port>/posts/1' },
      body: { kind: 'tree', tree: { id: 1 } },
    });
  });

  it('are the same questions in the same order each time', async () => {
    const [one, other] = [await answersOf(createBlog()), await answersOf(createBlog())];
    expect(one.observations.map(({ name }) => name)).toEqual(other.observations.map(({ name }) => name));
    expect(learnMask([one, other]).places.map(describeMasked)).toEqual([
      'page: body $.items[*].at',
      'health: body $.items[*].at',
    ]);
  });

  it('end after the first round when the time is over, and are as many as were asked for', async () => {
    const scope = { limitMs: 0, places: [] };
    expect((await answersOf(createBlog(), { scope })).extent).toBe(2);
    expect((await answersOf(createBlog(), { scope: { ...scope, extent: 3 } })).extent).toBe(3);
  });

  it('show a changed value, a changed header, and nothing where only times changed', async () => {
    expect(await said({}, {})).toEqual([]);
    const found = await said({}, { price: 12.4 });
    expect(found).toHaveLength(6);
    expect(found[0]).toMatch(
      /^GET \/\S+(, again)?: body \$\.items\[0\]\.price 12\.5 -> 12\.4 \(apart by 0\.8 % of the larger\)$/,
    );
    expect(await said({}, { type: 'text/json' })).toContain(
      'GET /health: header content-type "application/json" -> "text/json"',
    );
  });

  it('show a cache that answers all questions alike', async () => {
    const found = await said({}, { cached: true });
    expect(found.length).toBeGreaterThan(0);
    expect(found.join('\n')).toContain('.title "post of /health" -> "post of /posts?page=');
  });

  it('of journeys follow what their steps extract, with cookies and without pauses', async () => {
    const steps: readonly LoadStep[] = [
      { ...CREATE, name: 'login', extract: { id: { json: '$.id' } } },
      { ...PAGE, name: 'read', path: '/posts/{{id}}', thinkMs: [60_000, 60_000] },
    ];
    let cookie: string | undefined;
    const listener: RequestListener = (request, response) => {
      request.resume();
      cookie ??= request.headers.cookie;
      json(response, { id: 'a' }, { 'set-cookie': 'sid=1; Path=/' });
    };
    const { observations } = await answersOf(listener, {
      requests: [],
      journeys: [{ name: 'buy', weight: 1, cookies: true, steps }],
      data: { columns: ['title'], rows: [['x']] },
    });
    expect(observations.map(({ name }) => name)).toEqual([
      'buy, step 1 (login): POST /posts',
      'buy, step 2 (read): GET /posts/a',
    ]);
    expect(observations[0]?.facets['cookies set']).toEqual({ kind: 'tree', tree: ['sid'] });
    expect(cookie).toBe('sid=1');
  });

  it('that do not come are told, and soon not waited for any more', async () => {
    const { observations } = await answersOf((request) => request.socket.destroy(), {
      requests: [HEALTH, HEALTH, HEALTH, HEALTH, HEALTH],
    });
    expect(observations).toHaveLength(3);
    expect(observations[0]?.facets).toEqual({
      status: { kind: 'tree', tree: expect.stringMatching(/^no answer: connection/) as unknown },
    });
  });

  it('of binary and of long numbers are compared to the last digit', async () => {
    const answer =
      (body: string | Buffer): RequestListener =>
      (_request, response) =>
        void response.end(body);
    const of = async (body: string | Buffer) =>
      (await answersOf(answer(body), { requests: [HEALTH] })).observations[0]?.facets['body'];
    expect(await of(Buffer.from([0xff, 0xfe]))).toEqual({ kind: 'text', text: '//4=' });
    expect(await of('{"id":12345678901234567891}')).toEqual({
      kind: 'text',
      text: '{"id":12345678901234567891}',
    });
    expect(await of('{"id":1}')).toEqual({ kind: 'tree', tree: { id: 1 } });
    expect(await of('')).toBeUndefined();
  });
});
