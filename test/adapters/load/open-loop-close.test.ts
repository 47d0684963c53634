import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runOpenLoop } from '../../../src/adapters/load/open-loop.ts';

const WINDOW_MS = 200;
/** From the announcement to the first arrival (open-loop.ts). */
const LEAD_MS = 20;

/** Holds this thread, as another program that takes the core does. */
function hold(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

describe('an open loop whose process is held up when its window closes', () => {
  const server = createServer((_request, response) => response.end('ok'));
  beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  // A pause has to end within the last ms before the hold: one try in three meets one.
  it.each([7, 8, 9, 10, 11])('still sends the steps that were due in it (seed %d)', async (seed) => {
    const step = { method: 'GET', headers: {}, expect: { status: 200 } };
    const running = runOpenLoop(
      {
        parentPid: process.pid,
        destination: {
          protocol: 'http:',
          addresses: ['127.0.0.1'],
          port: (server.address() as AddressInfo).port,
          host: '127.0.0.1',
          loopback: true,
        },
        requests: [],
        // All come in the first quarter and pause for the rest: nothing is unanswered at the close, some pauses just end.
        journeys: [
          {
            name: 'buy',
            weight: 1,
            cookies: false,
            steps: [
              { ...step, name: 'look', path: '/' },
              { ...step, name: 'pay', path: '/', thinkMs: [140, 200] },
            ],
          },
        ],
        durationMs: WINDOW_MS,
        seed,
        ratePerS: 1000,
        arrivals: { steps: [1, 0, 0, 0] },
        maxInFlight: 1000,
      },
      (edge) => {
        if (edge === 'opens') setTimeout(() => hold(20), LEAD_MS + WINDOW_MS - 1);
      },
    );
    const { answered, failed, failures } = await running;
    expect(failures).toEqual([]);
    expect(failed).toBe(0);
    expect(answered).toBeGreaterThan(0);
  });
});
