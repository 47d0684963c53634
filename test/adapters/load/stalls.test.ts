import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLoadGenerator } from '../../../src/adapters/load/load-generator.ts';
import { createStallWatch } from '../../../src/adapters/load/stall-watch.ts';
import type { LoadGenerator } from '../../../src/core/ports/load.ts';
import { bundleChildren } from '../../support/bundle-children.ts';
import type { BundledChildren } from '../../support/bundle-children.ts';
import { startFixtureServer } from '../../support/fixture-server.ts';
import { createSimpleProcesses } from '../../support/simple-processes.ts';

describe('stall watch', () => {
  function watchAt() {
    let time = 0;
    const watch = createStallWatch(() => time);
    return { watch, at: (ms: number) => (time = ms) };
  }

  it('measures the gap between answers while requests wait', () => {
    const { watch, at } = watchAt();
    watch.open();
    at(10);
    watch.sent();
    watch.sent();
    at(15);
    watch.settled();
    at(515);
    watch.settled();
    // Nothing waits from here on: that nothing is answered is no stall.
    at(2_000);
    watch.sent();
    at(2_001);
    watch.settled();
    expect(watch.summarize(1, 4_000)).toEqual({ longestMs: 500, count: 1, share: 0.125 });
  });

  it('ends a gap with the window, and begins none before it', () => {
    const { watch, at } = watchAt();
    watch.sent();
    at(1_000);
    watch.open();
    at(1_200);
    watch.close();
    at(9_000);
    watch.settled();
    expect(watch.summarize(1, 1_000)).toEqual({ longestMs: 200, count: 1, share: 0.2 });
  });

  it('takes no program that is slow each time for one that stalls', () => {
    const { watch, at } = watchAt();
    watch.open();
    for (let n = 0; n < 5; n++) {
      watch.sent();
      at((n + 1) * 300);
      watch.settled();
    }
    expect(watch.summarize(300, 1_500)).toEqual({ longestMs: 300, count: 0, share: 0 });
    expect(watch.summarize(20, 1_500)).toMatchObject({ count: 5, share: 1 });
  });
});

describe('a server that stalls for a second every three', () => {
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

  it('is seen by the open loop, and hidden by the percentiles of the closed one', async () => {
    const { origin, stop } = await startFixtureServer('stalling-often');
    try {
      const request = { name: 'page', method: 'GET', path: '/', headers: {}, weight: 1, expect: {} };
      const plan = { origin, requests: [request], durationMs: 6_500, seed: 1, runId: 'run-test' };
      const { signal } = new AbortController();
      const closed = await load.closedLoop({ ...plan, connections: 2 }, signal);
      const open = await load.openLoop({ ...plan, ratePerS: 100, maxInFlight: 1_000 }, signal);
      expect(closed.failed + open.failed).toBe(0);
      // Two or three stalls in 6.5 s; those who came in the first 0.7 s of one waited for more than 0.3 s.
      expect(open.latency.p99Ms).toBeGreaterThan(300);
      // Thousands of fast answers stand against four or six slow ones.
      expect(closed.latency.p99Ms * 3).toBeLessThan(open.latency.p99Ms);
      for (const { stalls } of [closed, open]) {
        expect(stalls.longestMs).toBeGreaterThan(800);
        expect(stalls.count).toBeGreaterThanOrEqual(1);
        expect(stalls.share).toBeGreaterThan(0.1);
      }
    } finally {
      await stop();
    }
  });
});
