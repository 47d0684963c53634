import { decodeFromCompressedBase64 } from 'hdr-histogram-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLoadGenerator } from '../../../src/adapters/load/load-generator.ts';
import type { ClosedLoopPlan, LoadGenerator, LoadRequest } from '../../../src/core/ports/load.ts';
import { bundleChildren } from '../../support/bundle-children.ts';
import type { BundledChildren } from '../../support/bundle-children.ts';
import { startFixtureServer } from '../../support/fixture-server.ts';
import { createSimpleProcesses } from '../../support/simple-processes.ts';

const processes = createSimpleProcesses();
let children: BundledChildren;
let load: LoadGenerator;

beforeAll(async () => {
  children = await bundleChildren('src/adapters/load', ['child-closed-loop']);
  load = createLoadGenerator({
    processes,
    closedLoopFile: children.file('child-closed-loop'),
    openLoopFile: '',
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

async function loadServer(
  server: string,
  plan: Partial<ClosedLoopPlan> = {},
  env?: Readonly<Record<string, string>>,
) {
  const { origin, stop } = await startFixtureServer(server, env);
  try {
    const whole = {
      origin,
      requests: [requestOf()],
      durationMs: 500,
      connections: 4,
      seed: 1,
      runId: 'run-test',
    };
    const result = await load.closedLoop({ ...whole, ...plan }, new AbortController().signal);
    const counts = await fetch(`${origin}/counts`, { signal: AbortSignal.timeout(2_000) })
      .then((response) => response.json() as Promise<Record<string, number>>)
      .catch((): Record<string, number> => ({}));
    return { result, counts };
  } finally {
    await stop();
  }
}

describe.concurrent('closed loop', () => {
  it('measures the delay of a server, and itself', async () => {
    const { result } = await loadServer('delayed', { durationMs: 600 });
    expect(result.durationMs).toBe(600);
    expect(result.failed).toBe(0);
    expect(result.latency.count).toBe(result.answered);
    // setTimeout(20) may fire a fraction of a millisecond early by this clock.
    expect(result.latency.p50Ms).toBeGreaterThan(19);
    // Milliseconds and not microseconds; a busy machine may take its time.
    expect(result.latency.p50Ms).toBeLessThan(2_000);
    // Four connections cannot be answered more often than once in 20 ms each.
    expect(result.answered).toBeLessThanOrEqual(4 * 32);
    expect(result.answered).toBeGreaterThan(4 * 5);
    expect(result.bytes).toBeGreaterThan(result.answered * 50);
    expect(result.generator.cpuShare).toBeGreaterThan(0);
    expect(result.generator.eventLoopDelayP99Ms).toBeGreaterThanOrEqual(0);
    expect(result.generator.latenessP99Ms).toBe(0);
    expect(result.latency.histogram).toMatch(/^HISTFAAAA/);
  });

  it('shows a stall in one answer of each connection only: a closed loop waits with the server', async () => {
    const { result } = await loadServer('stalling', { durationMs: 2_000, connections: 2 });
    expect(result.latency.maxMs).toBeGreaterThan(900);
    expect(result.latency.p90Ms).toBeLessThan(500);
    const histogram = decodeFromCompressedBase64(result.latency.histogram);
    const allButThree = 100 * (1 - 3 / result.latency.count);
    expect(histogram.getValueAtPercentile(allButThree)).toBeLessThan(900_000);
    expect(result.failed).toBe(0);
  });

  it('sends requests by their weights, with method, headers and body', async () => {
    const { result, counts } = await loadServer('fast', {
      requests: [
        requestOf({ name: 'often', path: '/often', weight: 3, expect: { bodyIncludes: '/often' } }),
        requestOf({ name: 'rare', path: '/rare', weight: 1, expect: { bodyIncludes: '/rare' } }),
        requestOf({ name: 'write', method: 'POST', path: '/write', body: '{"a":1}', weight: 1 }),
        requestOf({ name: 'head', method: 'HEAD', path: '/head', weight: 1 }),
      ],
    });
    expect(result.failures).toEqual([]);
    expect(result.answered).toBeGreaterThan(20);
    const rare = counts['GET /rare'] ?? NaN;
    expect((counts['GET /often'] ?? NaN) / rare).toBeGreaterThan(2);
    expect((counts['GET /often'] ?? NaN) / rare).toBeLessThan(4.5);
    for (const same of ['POST /write', 'HEAD /head']) {
      expect((counts[same] ?? NaN) / rare).toBeGreaterThan(0.5);
      expect((counts[same] ?? NaN) / rare).toBeLessThan(2);
    }
  });

  it('counts wrong statuses with a reason and an example', async () => {
    const { result } = await loadServer('failing', { requests: [requestOf({ expect: { status: 200 } })] });
    expect(result.failures).toEqual([
      {
        request: 'page',
        reason: 'status 500, expected 200',
        count: result.failed,
        example: 'Error: out of cheese',
      },
    ]);
    expect(result.failed / result.answered).toBeCloseTo(0.1, 1);
    expect(result.latency.count).toBe(result.answered - result.failed);
  });

  it('counts every wrong body', async () => {
    const { result } = await loadServer('wrong-body', {
      requests: [requestOf({ expect: { bodyIncludes: '"items"' } })],
    });
    expect(result.failures).toHaveLength(1);
    expect(result.failures[0]).toMatchObject({ example: '{"error":"maintenance"}' });
    expect(result.failed / result.answered).toBeCloseTo(0.25, 1);
  });

  it('survives a server whose answers end with their connection', async () => {
    const { result } = await loadServer('closing', {
      requests: [requestOf({ expect: { bodyIncludes: 'all of it' } })],
    });
    expect(result.failures).toEqual([]);
    expect(result.answered).toBeGreaterThan(20);
    expect(result.latency.p50Ms).toBeGreaterThan(4);
    // Milliseconds and not microseconds; a busy machine may take its time.
    expect(result.latency.p50Ms).toBeLessThan(2_000);
  });

  it('counts broken connections and goes on timing the others truly', async () => {
    const { result } = await loadServer('resetting');
    expect(result.failed).toBeGreaterThan(3);
    for (const { reason } of result.failures) expect(reason).toMatch(/^connection (failed|closed)/);
    expect(result.answered).toBeGreaterThan(20);
    // The queue of unpatched autocannon would add 5 ms to every later answer at each break.
    expect(result.latency.p50Ms).toBeLessThan(40);
  });

  it('says that nothing was answered by a server that hangs', async () => {
    const { result } = await loadServer('hanging', { durationMs: 200 });
    expect(result).toMatchObject({ answered: 0, failed: 4 });
    expect(result.failures).toEqual([{ request: 'page', reason: 'no answer in the whole window', count: 4 }]);
    expect(result.latency).toMatchObject({ count: 0, p99Ms: 0 });
  });

  it('answers a refused connection with failures, not with a crash', async () => {
    const { origin, stop } = await startFixtureServer('fast');
    await stop();
    const plan = {
      origin,
      requests: [requestOf()],
      durationMs: 300,
      connections: 2,
      seed: 1,
      runId: 'run-test',
    };
    const result = await load.closedLoop(plan, new AbortController().signal);
    expect(result.answered).toBe(0);
    expect(result.failures).toEqual([
      { request: 'page', reason: 'connection failed: ECONNREFUSED', count: result.failed },
    ]);
    // Retries are paced: a busy loop would make thousands.
    expect(result.failed).toBeGreaterThan(2);
    expect(result.failed).toBeLessThan(60);
  });
});
