import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLoadGenerator } from '../../../src/adapters/load/load-generator.ts';
import type {
  ClosedLoopPlan,
  LoadGenerator,
  LoadJourney,
  LoadRequest,
  LoadResult,
  LoadStep,
  OpenLoopPlan,
} from '../../../src/core/ports/load.ts';
import { bundleChildren } from '../../support/bundle-children.ts';
import type { BundledChildren } from '../../support/bundle-children.ts';
import { startFixtureServer } from '../../support/fixture-server.ts';
import { createSimpleProcesses } from '../../support/simple-processes.ts';

const processes = createSimpleProcesses();
let children: BundledChildren;
let load: LoadGenerator;

beforeAll(async () => {
  children = await bundleChildren('src/adapters/load', ['child-closed-loop', 'child-open-loop']);
  load = createLoadGenerator({
    processes,
    closedLoopFile: children.file('child-closed-loop'),
    openLoopFile: children.file('child-open-loop'),
    answersFile: '',
    ceilingServerFile: '',
  });
});
afterAll(async () => {
  await processes.killAll();
  await children.remove();
});

const LOGIN: LoadStep = {
  name: 'login',
  method: 'POST',
  path: '/login',
  headers: { 'content-type': 'application/json' },
  body: '{"user":"{{user}}","quantity":"{{quantity}}"}',
  bodyIsJson: true,
  expect: { status: 200, headers: { 'Content-Type': { includes: 'json' } } },
  extract: { token: { json: '$.auth[0].token' }, session: { cookie: 'sid' } },
};
const CART: LoadStep = {
  name: 'cart',
  method: 'GET',
  path: '/cart',
  headers: { authorization: 'Bearer {{token}}' },
  expect: { status: 200, json: { '$.ok': true, '$.items': [] } },
  extract: { order: { header: 'location' } },
};
const ORDER: LoadStep = {
  name: 'order',
  method: 'GET',
  path: '{{order}}',
  headers: { authorization: 'Bearer {{token}}' },
  expect: { status: 200 },
};
const BUY: LoadJourney = { name: 'buy', weight: 1, cookies: true, steps: [LOGIN, CART, ORDER] };
const PLAIN: LoadRequest = {
  name: 'plain',
  method: 'GET',
  path: '/plain',
  headers: {},
  weight: 1,
  expect: {},
};

/** u1 to u4: columns in a file are text or, in JSONL, of any type. */
const DATA = { columns: ['quantity', 'user'], rows: [1, 2, 3, 4].map((n) => [n, `u${n}`]) };

interface ShopCounts {
  readonly login: Readonly<Record<string, number>>;
  readonly numbers: number;
  readonly cart: number;
  readonly order: number;
  readonly refused: number;
  readonly sessions: number;
  readonly shortestThinkMs: number;
}

type Loop = 'closed' | 'open';

async function loadShop(
  loop: Loop,
  more: Partial<OpenLoopPlan & ClosedLoopPlan> = {},
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly result: LoadResult; readonly counts: ShopCounts }> {
  const { origin, stop } = await startFixtureServer('shop', env);
  try {
    const plan = {
      origin,
      requests: [],
      journeys: [BUY],
      data: DATA,
      durationMs: 600,
      seed: 1,
      runId: 'run-test',
      connections: 4,
      ratePerS: 50,
      maxInFlight: 1_000,
      ...more,
    };
    const { signal } = new AbortController();
    const result = await (loop === 'closed' ? load.closedLoop(plan, signal) : load.openLoop(plan, signal));
    const counts = (await (await fetch(`${origin}/counts`)).json()) as ShopCounts;
    return { result, counts };
  } finally {
    await stop();
  }
}

describe.concurrent('journeys', () => {
  it.each<Loop>(['closed', 'open'])('carry values from step to step (%s loop)', async (loop) => {
    const { result, counts } = await loadShop(loop);
    expect(result.failures).toEqual([]);
    expect(counts.refused).toBe(0);
    expect(result.journeys?.completed).toBeGreaterThan(5);
    expect(result.journeys?.failed).toBe(0);
    expect(counts.order).toBeGreaterThanOrEqual(result.journeys?.completed ?? NaN);
    // A number in the data stays one in a JSON body.
    expect(counts.numbers).toBe(counts.sessions);
    expect(result.latency.count).toBe(result.answered);
    expect(result.bytes).toBeGreaterThan(result.answered * 50);
  });

  it('begin when they are due in the open loop, and each of their requests is timed', async () => {
    const { result, counts } = await loadShop('open', { ratePerS: 40, durationMs: 500 });
    expect(result.journeys?.started).toBe(20);
    expect(counts.sessions).toBe(20);
    // The last ones may be cut by the end of the window.
    expect(result.answered).toBeGreaterThan(20);
    expect(result.answered).toBeLessThanOrEqual(60);
  });

  it.each<Loop>(['closed', 'open'])('take every row of the data as often (%s loop)', async (loop) => {
    const { counts } = await loadShop(loop, { ratePerS: 80 });
    const logins = ['u1', 'u2', 'u3', 'u4'].map((user) => counts.login[user] ?? 0);
    expect(Math.min(...logins)).toBeGreaterThan(2);
    // Open loop: exactly, in turn. Closed loop: each of the four users has the rows in the order of its own.
    if (loop === 'open') expect(Math.max(...logins) - Math.min(...logins)).toBeLessThanOrEqual(1);
    else expect(Math.max(...logins) / Math.min(...logins)).toBeLessThan(3);
  });

  it.each<Loop>(['closed', 'open'])('end where nothing is found to extract (%s loop)', async (loop) => {
    const { result, counts } = await loadShop(loop, {}, { LOGIN: 'broken' });
    expect(counts.cart).toBe(0);
    expect(result.journeys).toMatchObject({ completed: 0 });
    expect(result.journeys?.failed).toBeGreaterThan(5);
    expect(result.failures).toEqual([
      {
        request: 'buy, step 1 (login)',
        reason: 'nothing to extract "token" from: json $.auth[0].token finds nothing',
        count: result.failed,
        example: '{"error":"token service is down"}',
      },
    ]);
  });

  it.each<Loop>(['closed', 'open'])('end at a step that is answered wrongly (%s loop)', async (loop) => {
    const wrong = { ...CART, expect: { json: { '$.ok': false } } };
    const { result, counts } = await loadShop(loop, { journeys: [{ ...BUY, steps: [LOGIN, wrong, ORDER] }] });
    expect(counts.order).toBe(0);
    expect(result.failures).toMatchObject([
      { request: 'buy, step 2 (cart)', reason: 'json $.ok is true, expected false' },
    ]);
    expect(result.journeys?.failed).toBe(result.failed);
    // The login before it was right.
    expect(result.latency.count).toBeGreaterThan(0);
  });

  it('send no cookies unless they are asked for', async () => {
    const { result } = await loadShop('open', { journeys: [{ ...BUY, cookies: false }] });
    expect(result.failures).toMatchObject([
      { request: 'buy, step 2 (cart)', reason: 'status 401, expected 200' },
    ]);
    const own = { ...CART, headers: { ...CART.headers, cookie: 'a=1; sid={{session}}' } };
    const steps = [LOGIN, own, ORDER];
    const byHand = await loadShop('open', { journeys: [{ ...BUY, cookies: false, steps }] });
    expect(byHand.result.failures).toEqual([]);
  });

  it.each<Loop>(['closed', 'open'])(
    'pause before a step, and do not count it as latency (%s loop)',
    async (loop) => {
      const thinking: LoadStep = { ...CART, thinkMs: [200, 250] };
      const { result, counts } = await loadShop(loop, {
        journeys: [{ ...BUY, steps: [LOGIN, thinking, ORDER] }],
        durationMs: 1_200,
        ratePerS: 20,
      });
      expect(result.failures).toEqual([]);
      // From the answer's arrival to the next request; the server's clock and ours differ by the way between.
      expect(counts.shortestThinkMs).toBeGreaterThan(195);
      expect(result.journeys?.completed).toBeGreaterThan(2);
      // Two of three requests follow no pause: with it in the latency the median could not be below it, on any machine.
      expect(result.latency.p50Ms).toBeLessThan(200);
    },
  );

  it.each<Loop>(['closed', 'open'])('are mixed with requests by their weights (%s loop)', async (loop) => {
    const { result, counts } = await loadShop(loop, {
      requests: [{ ...PLAIN, weight: 3, expect: { bodyIncludes: 'never' } }],
      ratePerS: 100,
      durationMs: 800,
    });
    // The requests fail on purpose, which tells how many there were.
    expect(result.failures).toMatchObject([{ request: 'plain' }]);
    const ratio = result.failed / counts.sessions;
    expect(ratio).toBeGreaterThan(1.5);
    expect(ratio).toBeLessThan(5);
  });

  it('send the same inputs for the same seed', async () => {
    const plan = { ratePerS: 30, durationMs: 200, arrivals: 'poisson' } as const;
    const [first, again, other] = [
      await loadShop('open', { ...plan, seed: 5 }),
      await loadShop('open', { ...plan, seed: 5 }),
      await loadShop('open', { ...plan, seed: 7 }),
    ];
    expect(again.counts.login).toEqual(first.counts.login);
    expect(other.counts.login).not.toEqual(first.counts.login);
  });

  it('say that nothing was answered by a server that hangs', async () => {
    const { origin, stop } = await startFixtureServer('hanging');
    try {
      const plan = { origin, requests: [], journeys: [{ ...BUY, steps: [{ ...CART, headers: {} }] }] };
      const rest = {
        durationMs: 300,
        seed: 1,
        runId: 'run-test',
        connections: 2,
        ratePerS: 20,
        maxInFlight: 100,
      };
      const { signal } = new AbortController();
      const closed = await load.closedLoop({ ...plan, ...rest }, signal);
      expect(closed.failures).toEqual([
        { request: 'buy, step 1 (cart)', reason: 'no answer in the whole window', count: 2 },
      ]);
      const open = await load.openLoop({ ...plan, ...rest }, signal);
      expect(open).toMatchObject({
        answered: 0,
        failed: 6,
        journeys: { started: 6, completed: 0, failed: 6 },
      });
    } finally {
      await stop();
    }
  });

  it('are refused with the place of a JSON path that is none', async () => {
    const steps = [{ ...CART, extract: { order: { json: '$.items[' } } }];
    await expect(load.check({ requests: [], journeys: [{ ...BUY, steps }] })).rejects.toMatchObject({
      code: 'invalid_goals',
      message: expect.stringMatching(/^Step 1 of journey "buy": "\$\.items\[" is not a JSON path/) as string,
    });
    await expect(load.check({ requests: [PLAIN], journeys: [BUY] })).resolves.toBeUndefined();
  });
});

describe.concurrent('requests with data', () => {
  it.each<Loop>(['closed', 'open'])('take a row each (%s loop)', async (loop) => {
    const rows = Array.from({ length: 30 }, (_, index) => [`row ${index}`]);
    const { origin, stop } = await startFixtureServer('fast');
    try {
      const request = {
        ...PLAIN,
        path: '/rows/{{id}}',
        expect: { headers: { 'content-type': 'application/json' } },
      };
      const plan = {
        origin,
        requests: [request],
        data: { columns: ['id'], rows },
        seed: 3,
        runId: 'run-test',
      };
      const { signal } = new AbortController();
      const result =
        loop === 'closed'
          ? await load.closedLoop({ ...plan, durationMs: 400, connections: 4 }, signal)
          : await load.openLoop({ ...plan, durationMs: 600, ratePerS: 100, maxInFlight: 100 }, signal);
      expect(result.failures).toEqual([]);
      expect(result.journeys).toBeNull();
      const counts = (await (await fetch(`${origin}/counts`)).json()) as Record<string, number>;
      expect(Object.keys(counts).filter((path) => path.startsWith('GET /rows/row%20'))).toHaveLength(30);
    } finally {
      await stop();
    }
  });
});
