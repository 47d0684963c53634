import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { REPOSITORY } from '../support/built-package.ts';
import { startFixtureServer } from '../support/fixture-server.ts';
import { startClientOfV1, type TestClient } from '../support/mcp.ts';
import { createTestHome } from '../support/test-home.ts';
import { expectError } from './expect-error.ts';

const home = createTestHome();

const SHOP = { command: ['node', 'servers/shop.mjs'], ready: { path: '/counts' } };
const LOAD = { connections: 4, rate_per_s: 40, arrivals: 'poisson' };
const BUY = {
  name: 'buy',
  weight: 2,
  cookies: true,
  steps: [
    {
      name: 'login',
      method: 'POST',
      path: '/login',
      body: { user: '{{user}}' },
      expect: { status: 200, headers: { 'content-type': { includes: 'json' } } },
      extract: { token: { json: '$.auth[0].token' } },
    },
    {
      name: 'cart',
      path: '/cart',
      headers: { authorization: 'Bearer {{token}}' },
      think_ms: [5, 20],
      expect: { status: 200, json: { '$.ok': true } },
      extract: { order: { header: 'location' } },
    },
    {
      name: 'order',
      path: '{{order}}',
      headers: { authorization: 'Bearer {{token}}' },
      expect: { status: 200 },
    },
  ],
};

function shopWorkload(name: string, change: Readonly<Record<string, unknown>> = {}) {
  return {
    name,
    kind: 'http',
    start: SHOP,
    journeys: [BUY],
    data: { file: 'data/users.csv' },
    load: LOAD,
    ...change,
  };
}

interface BaselineData {
  readonly estimates: Readonly<Record<string, { readonly value: number }>>;
  readonly warnings: readonly { readonly code: string }[];
  readonly load: Readonly<Record<string, unknown>>;
}

describe('journeys through the tools', () => {
  let client: TestClient;

  beforeAll(async () => {
    const project = home.newDirectory('shop');
    for (const [from, to] of [
      ['servers', ['listen', 'shop', 'secure'].map((name) => `${name}.mjs`)],
      ['certificate', ['key.pem', 'cert.pem']],
    ] as const) {
      mkdirSync(join(project, from));
      for (const file of to)
        copyFileSync(join(REPOSITORY, 'test/fixtures', from, file), join(project, from, file));
    }
    mkdirSync(join(project, 'data'));
    writeFileSync(join(project, 'data/users.csv'), 'user,city\nu1,Paris\nu2,"Rome, Italy"\nu3,Oslo\n');
    writeFileSync(join(project, 'data/broken.csv'), 'user,city\nu1,Paris\nu2\n');
    client = await startClientOfV1({ cwd: project, env: home.env });
  });
  afterAll(() => client.close());

  async function define(...workloads: readonly unknown[]): Promise<void> {
    const answer = await client.call('define_goals', { workloads });
    expect(answer.isError, answer.text).toBe(false);
  }

  async function baselineOf(workload: string): Promise<BaselineData> {
    const answer = await client.call('measure_baseline', { workload, effort: 'quick' });
    expect(answer.isError, answer.text).toBe(false);
    return answer.data as unknown as BaselineData;
  }

  it('log in, carry a token and a cookie, and are measured', async () => {
    await define(shopWorkload('shop', { requests: [{ path: '/plain', expect: { status: 200 } }] }));
    const { estimates, warnings, load } = await baselineOf('shop');
    expect(estimates['error_rate']?.value).toBe(0);
    expect(estimates['throughput_rps']?.value).toBeGreaterThan(10);
    expect(estimates['latency_p50_ms']?.value).toBeGreaterThan(0);
    expect(estimates['cpu_us_per_request']?.value).toBeGreaterThan(0);
    // Two journeys of three requests to one request alone: 7 requests for 3 arrivals.
    expect(load['requests_per_arrival']).toBeCloseTo(7 / 3, 2);
    const codes = warnings.map(({ code }) => code);
    expect(codes).toContain('users_pause');
    // With its message, which says what failed.
    expect(warnings.filter(({ code }) => code === 'some_failed')).toEqual([]);
    expect(home.processes(client.pid)).toEqual([]);
  });

  it('that find nothing to extract fail the run with the journey, the step, the path and the body', async () => {
    await define(shopWorkload('broken-login', { start: { ...SHOP, env: { LOGIN: 'broken' } } }));
    const answer = await client.call('measure_baseline', { workload: 'broken-login', effort: 'quick' });
    const error = expectError(answer, 'expectation_failed');
    expect(error.message).toContain('buy, step 1 (login)');
    expect(error.message).toContain('$.auth[0].token finds nothing');
    expect(error.output).toContain('token service is down');
  });

  it.each([
    [
      'missing-column',
      { data: { file: 'data/users.csv' }, requests: [{ path: '/plain?{{age}}' }] },
      /request 1 uses \{\{age\}\}.*it has user, city/,
    ],
    ['broken-row', { data: { file: 'data/broken.csv' } }, /broken\.csv, line 3/],
    ['no-file', { data: { file: 'data/none.csv' } }, /no file data\/none\.csv/],
  ])('with data that cannot be used are refused: %s', async (name, change, message) => {
    await define(shopWorkload(name, change));
    const answer = await client.call('measure_baseline', { workload: name, effort: 'quick' });
    expect(expectError(answer, 'invalid_data').message).toMatch(message);
  });

  it('are refused as goals where a name has no value', async () => {
    const answer = await client.call('define_goals', {
      workloads: [{ ...shopWorkload('no-data'), data: undefined }],
    });
    expect(expectError(answer, 'invalid_arguments').message).toContain(
      '{{user}} is given a value by no earlier step, and there is no "data"',
    );
  });

  it('go to a service that already runs, and say what is not known of it', async () => {
    const { origin, stop } = await startFixtureServer('shop');
    try {
      await define({ ...shopWorkload('attached'), start: undefined, attach: { url: origin } });
      const { estimates, warnings } = await baselineOf('attached');
      expect(estimates['error_rate']?.value).toBe(0);
      expect(estimates['latency_p50_ms']?.value).toBeGreaterThan(0);
      for (const unknown of ['cpu_us_per_request', 'rss_peak_bytes', 'startup_ms'])
        expect(estimates).not.toHaveProperty(unknown);
      expect(warnings.map(({ code }) => code)).toContain('attached');
      const compared = await client.call('validate_change', { workload: 'attached' });
      expect(expectError(compared, 'invalid_arguments').message).toContain('attached');
      const profiled = await client.call('find_bottlenecks', { workload: 'attached', effort: 'quick' });
      expect(profiled.isError).toBe(true);
    } finally {
      await stop();
    }
  });

  it('start and measure a program that speaks https', async () => {
    await define({
      name: 'secure',
      kind: 'http',
      start: { command: ['node', 'servers/secure.mjs'], scheme: 'https', ready: { path: '/health' } },
      requests: [{ path: '/page', expect: { status: 200, json: { '$.secure': true } } }],
      load: { connections: 2, rate_per_s: 50 },
    });
    const { estimates } = await baselineOf('secure');
    expect(estimates['error_rate']?.value).toBe(0);
  });
});
