import { decodeFromCompressedBase64 } from 'hdr-histogram-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLoadGenerator } from '../../../src/adapters/load/load-generator.ts';
import type { LoadGenerator, LoadRequest, OpenLoopPlan } from '../../../src/core/ports/load.ts';
import { bundleChildren } from '../../support/bundle-children.ts';
import type { BundledChildren } from '../../support/bundle-children.ts';
import { startFixtureServer } from '../../support/fixture-server.ts';
import { createSimpleProcesses } from '../../support/simple-processes.ts';

const processes = createSimpleProcesses();
let children: BundledChildren;
let load: LoadGenerator;

beforeAll(async () => {
  children = await bundleChildren('src/adapters/load', ['child-open-loop']);
  load = createLoadGenerator({
    processes,
    closedLoopFile: '',
    openLoopFile: children.file('child-open-loop'),
    answersFile: '',
    ceilingServerFile: '',
  });
});
afterAll(async () => {
  await processes.killAll();
  await children.remove();
});

function requestOf(more: Partial<LoadRequest> = {}): LoadRequest {
  return { name: 'page', method: 'GET', path: '/', headers: {}, weight: 1, expect: {}, ...more };
}

function planOf(origin: string, more: Partial<OpenLoopPlan> = {}): OpenLoopPlan {
  const plan = { origin, requests: [requestOf()], durationMs: 500, seed: 1, runId: 'run-test' };
  return { ...plan, ratePerS: 100, maxInFlight: 1_000, ...more };
}

async function loadServer(server: string, more: Partial<OpenLoopPlan> = {}) {
  const { origin, stop } = await startFixtureServer(server);
  try {
    return await load.openLoop(planOf(origin, more), new AbortController().signal);
  } finally {
    await stop();
  }
}

describe.concurrent('open loop', () => {
  it('sends every arrival and measures the delay of a server, and itself', async () => {
    const result = await loadServer('delayed', { durationMs: 600 });
    expect(result).toMatchObject({ answered: 60, failed: 0, failures: [], durationMs: 600 });
    expect(result.latency.count).toBe(60);
    expect(result.latency.p50Ms).toBeGreaterThan(19);
    // Milliseconds and not microseconds; a busy machine may take its time.
    expect(result.latency.p50Ms).toBeLessThan(2_000);
    expect(result.bytes).toBeGreaterThan(60 * 50);
    expect(result.generator.cpuShare).toBeGreaterThan(0);
    expect(result.generator.latenessP99Ms).toBeGreaterThan(0);
  });

  it('sees a stall of the server in the latencies of all who arrived meanwhile', async () => {
    const result = await loadServer('stalling', { durationMs: 2_000, ratePerS: 100 });
    expect(result).toMatchObject({ answered: 200, failed: 0 });
    expect(result.latency.p99Ms).toBeGreaterThan(700);
    // 100 arrivals fall into the stall of 1 s and wait (1,000 - n * 10) ms: about 90 of 200 more than 100 ms.
    const histogram = decodeFromCompressedBase64(result.latency.histogram);
    expect(histogram.getValueAtPercentile(70)).toBeGreaterThan(100_000);
    expect(histogram.getValueAtPercentile(20)).toBeLessThan(100_000);
  });

  it('respects weights and sends bodies', async () => {
    const result = await loadServer('fast', {
      ratePerS: 200,
      requests: [
        requestOf({ name: 'often', path: '/often', weight: 3, expect: { bodyIncludes: '/rare' } }),
        requestOf({
          name: 'rare',
          method: 'POST',
          path: '/rare',
          body: '{}',
          expect: { bodyIncludes: '/often' },
        }),
      ],
    });
    // Both expectations are wrong on purpose: the failures tell how often each request was sent.
    expect(result.failures).toEqual([
      { request: 'often', reason: 'body does not include "/rare"', count: 75, example: '{"path":"/often"}' },
      { request: 'rare', reason: 'body does not include "/often"', count: 25, example: '{"path":"/rare"}' },
    ]);
  });

  it('counts wrong statuses with a reason and an example', async () => {
    const result = await loadServer('failing', { ratePerS: 200 });
    expect(result).toMatchObject({ answered: 100, failed: 10 });
    expect(result.failures).toEqual([
      {
        request: 'page',
        reason: 'status 500, expected below 400',
        count: 10,
        example: 'Error: out of cheese',
      },
    ]);
    expect(result.latency.count).toBe(90);
  });

  it('bounds what is in flight and counts what it could not send, and what was never answered', async () => {
    const result = await loadServer('hanging', { maxInFlight: 5, ratePerS: 100, durationMs: 300 });
    expect(result).toMatchObject({ answered: 0, failed: 30 });
    expect(result.failures).toEqual([
      { request: 'page', reason: 'not sent: 5 requests in flight', count: 25 },
      { request: 'page', reason: 'no answer 5 s after the window', count: 5 },
    ]);
  });

  it('answers a refused connection with failures, not with a crash', async () => {
    const { origin, stop } = await startFixtureServer('fast');
    await stop();
    const result = await load.openLoop(planOf(origin, { durationMs: 200 }), new AbortController().signal);
    expect(result).toMatchObject({ answered: 0, failed: 20 });
    expect(result.failures[0]?.reason).toBe('connection failed: ECONNREFUSED');
  });

  it('accounts for each arrival when connections break', async () => {
    const result = await loadServer('resetting');
    expect(result.answered + result.failed).toBe(50);
    expect(result.failed).toBeGreaterThan(0);
  });
});
