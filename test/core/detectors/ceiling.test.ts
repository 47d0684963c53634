import { describe, expect, it } from 'vitest';
import {
  computeCeilings,
  cpuGain,
  latencyGain,
  throughputGain,
} from '../../../src/core/detectors/ceiling.ts';

describe('ceilings', () => {
  it('CPU per request can gain the share itself', () => {
    expect(cpuGain(0.4)).toBe(0.4);
    expect(cpuGain(1.2)).toBe(1);
  });

  it('throughput gains what the thread has free afterwards', () => {
    // 40 % of a fully busy thread: 1 / 0.6 - 1; of a half busy one: 1 / 0.8 - 1.
    expect(throughputGain(0.4, 1)).toBeCloseTo(2 / 3, 12);
    expect(throughputGain(0.4, 0.5)).toBeCloseTo(0.25, 12);
    expect(throughputGain(0, 1)).toBe(0);
    expect(Number.isFinite(throughputGain(1, 1))).toBe(true);
  });

  it('the time of a call gains what of it is CPU, its CPU the whole share', () => {
    const share = { value: 0.4, interval: [0.3, 0.5] as const };
    const load = { busyShareOfCore: 0.5, cpuUsPerRequest: null, ratePerS: null, latencyMs: {} };
    const gains = computeCeilings(share, load, ['wall_low_ms', 'wall_ms', 'cpu_ms']);
    const gainOf = (metric: string) => gains.find((ceiling) => ceiling.metric === metric);
    expect(gainOf('wall_low_ms')?.gain).toBeCloseTo(0.2, 12);
    expect(gainOf('wall_ms')?.interval).toEqual([0.15, 0.25]);
    expect(gainOf('cpu_ms')?.gain).toBe(0.4);
    expect(
      computeCeilings(share, { ...load, busyShareOfCore: null }, ['wall_ms']).map((c) => c.metric),
    ).not.toContain('wall_ms');
  });

  it('latency gains on service and queueing, not on waiting for others', () => {
    // Rate 100/s, S = 5 ms: rho = 0.5, W = 5 + 0.5 * 5 / (2 * 0.5) = 7.5 ms. Median 7.5 ms: nothing elsewhere.
    // s = 0.5: service 2.5; waiting 2.5 * 0.25 * 0.5 / 0.75 = 0.41667; after 2.91667; gain 1 - 2.91667 / 7.5.
    const queue = { latencyMs: 7.5, medianMs: 7.5, serviceMs: 5, ratePerS: 100 };
    expect(latencyGain(0.5, queue)).toBeCloseTo(1 - (2.5 + 5 / 12) / 7.5, 12);
    // A median of 17.5 ms has 10 ms of waiting for others, which stays: after 12.91667 ms.
    expect(latencyGain(0.5, { ...queue, latencyMs: 17.5, medianMs: 17.5 })).toBeCloseTo(
      1 - (12.5 + 5 / 12) / 17.5,
      12,
    );
    // The same service at p95 = 27.5 ms: 10 elsewhere, 5 service, 12.5 waiting: 10 + 2.5 + 12.5 / 6 = 14.58333.
    expect(latencyGain(0.5, { ...queue, latencyMs: 27.5, medianMs: 17.5 })).toBeCloseTo(
      1 - (10 + 2.5 + 12.5 / 6) / 27.5,
      12,
    );
  });

  it('an idle queue leaves the service time only', () => {
    // 1 request/s of 2 ms: waiting is next to nothing; 8 of 10 ms are elsewhere.
    const gain = latencyGain(0.5, { latencyMs: 10, medianMs: 10, serviceMs: 2, ratePerS: 1 });
    expect(gain).toBeCloseTo(0.1, 3);
  });

  it('grows with the share, stays in [0, 1] and survives overload', () => {
    const overload = { latencyMs: 500, medianMs: 300, serviceMs: 20, ratePerS: 100 };
    const gains = [0, 0.1, 0.3, 0.6, 1].map((share) => latencyGain(share, overload));
    expect(gains).toEqual([...gains].sort((a, b) => a - b));
    expect(gains[0]).toBe(0);
    expect(Math.max(...gains)).toBeLessThanOrEqual(1);
    expect(latencyGain(0.5, { ...overload, latencyMs: 0 })).toBe(0);
  });

  it('answers for metrics that the facts allow, each with its interval and assumption', () => {
    const share = { value: 0.4, interval: [0.3, 0.5] as const };
    const nothing = { busyShareOfCore: null, cpuUsPerRequest: null, ratePerS: null, latencyMs: {} };
    expect(computeCeilings(share, nothing, ['latency_p95_ms', 'rss_peak_bytes'])).toEqual([
      {
        metric: 'cpu_us_per_request',
        gain: 0.4,
        interval: [0.3, 0.5],
        assumes: expect.stringContaining('upper bound') as string,
      },
    ]);
    const facts = {
      busyShareOfCore: 1,
      cpuUsPerRequest: 5000,
      ratePerS: 100,
      latencyMs: { latency_p50_ms: 7.5, latency_p95_ms: 27.5 },
    };
    const all = computeCeilings(share, facts, ['latency_p95_ms', 'throughput_rps']);
    expect(all.map(({ metric }) => metric)).toEqual([
      'latency_p95_ms',
      'throughput_rps',
      'cpu_us_per_request',
    ]);
    for (const { gain, interval, assumes } of all) {
      expect(interval[0]).toBeLessThan(gain);
      expect(interval[1]).toBeGreaterThan(gain);
      expect(assumes).toMatch(/^upper bound: /);
    }
    expect(all[0]?.assumes).toContain('50 % utilisation');
  });
});
