import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLoadGenerator } from '../../../src/adapters/load/load-generator.ts';
import type { LoadGenerator } from '../../../src/core/ports/load.ts';
import { bundleChildren } from '../../support/bundle-children.ts';
import type { BundledChildren } from '../../support/bundle-children.ts';
import { startFixtureServer } from '../../support/fixture-server.ts';
import type { FixtureServer } from '../../support/fixture-server.ts';
import { createSimpleProcesses } from '../../support/simple-processes.ts';

const processes = createSimpleProcesses();
let children: BundledChildren;
let server: FixtureServer;
let load: LoadGenerator;

beforeAll(async () => {
  children = await bundleChildren('src/adapters/load', ['child-closed-loop', 'child-open-loop']);
  server = await startFixtureServer('secure');
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
  await server.stop();
  await children.remove();
});

const REQUEST = {
  name: 'page',
  method: 'GET',
  path: '/page',
  headers: {},
  weight: 1,
  expect: { status: 200, json: { '$.secure': true } },
};
const JOURNEYS = [{ name: 'visit', weight: 1, cookies: false, steps: [REQUEST] }];

/** By address, and by a name, which goes into the handshake. */
const originOf = (host: string): string => `https://${host}:${new URL(server.origin).port}`;

describe.concurrent('https with a certificate of this machine', () => {
  it.each([
    ['127.0.0.1', 'requests'],
    ['localhost', 'requests'],
    ['127.0.0.1', 'journeys'],
    ['localhost', 'journeys'],
  ])('is spoken by both loops to %s (%s)', async (host, what) => {
    const sent = what === 'journeys' ? { requests: [], journeys: JOURNEYS } : { requests: [REQUEST] };
    const plan = { ...sent, origin: originOf(host), durationMs: 300, seed: 1, runId: 'run-test' };
    const { signal } = new AbortController();
    const closed = await load.closedLoop({ ...plan, connections: 2 }, signal);
    const open = await load.openLoop({ ...plan, ratePerS: 50, maxInFlight: 100 }, signal);
    expect(closed.failures).toEqual([]);
    expect(closed.answered).toBeGreaterThan(5);
    expect(open).toMatchObject({ answered: 15, failed: 0 });
  });

  it('is told from http: a plain request gets no right answer', async () => {
    const origin = originOf('127.0.0.1').replace('https', 'http');
    const plan = { requests: [REQUEST], origin, durationMs: 200, seed: 1, runId: 'run-test' };
    const open = await load.openLoop(
      { ...plan, ratePerS: 50, maxInFlight: 100 },
      new AbortController().signal,
    );
    expect(open.failed).toBe(10);
  });
});
