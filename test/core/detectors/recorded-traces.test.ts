import { describe, expect, it } from 'vitest';
import { detectBottlenecks } from '../../../src/core/detectors/index.ts';
import type { DetectorInput } from '../../../src/core/detectors/index.ts';
import type { MetricName } from '../../../src/core/model/metrics.ts';
import { emptyInput } from './detector-input.ts';
import { analyzeSent, analyzeTraced } from './recorded-traces.ts';

/** What is found in traces alone, as an import of one gives them. */
const find = (
  kind: string,
  traces: Pick<DetectorInput, 'trace' | 'crowded'>,
  metrics: readonly MetricName[],
) => detectBottlenecks(emptyInput({ ...traces, metrics })).filter((finding) => finding.kind === kind);

describe('a cause that is most of the usual request and little of all time', () => {
  const trace = analyzeSent('traced-service-py');
  const nPlusOne = (...metrics: readonly MetricName[]) => find('n-plus-one-queries', { trace }, metrics);

  it('is named where an objective asks about the usual request, and says of what it is a share', () => {
    const [found] = nPlusOne('latency_p50_ms');
    expect(found).toMatchObject({
      location: { function: 'artist_name', statement: 'select name from artists where id = ?' },
      share: { of: 'time of the requests around the median' },
    });
    expect(found?.title).toContain('of the time of the requests around the median');
    expect(found?.share.value).toBeGreaterThan(0.1);
    expect(found?.share.n).toBeLessThan(trace.requests.length / 2);
    expect(found?.detail).toMatch(/of the time of all 75 requests it is [0-4] %/);
  });

  it('is not where they ask about the slowest, or about capacity', () => {
    expect(nPlusOne('latency_p99_ms')).toEqual([]);
    expect(nPlusOne('throughput_rps')).toEqual([]);
  });
});

describe('a thread pool that only a crowd fills', () => {
  const of = (side: 'slow' | 'fixed') => ({
    trace: analyzeTraced(`downloads-${side}`),
    crowded: analyzeTraced(`downloads-${side}-crowd`),
  });

  it('is named where capacity is asked about, with the place of its tasks', () => {
    const [found] = find('thread-pool-saturated', of('slow'), ['throughput_rps']);
    expect(found).toMatchObject({
      location: { function: 'compress', file: 'src/compress.mjs' },
      share: { of: 'time of the requests under full load' },
    });
    expect(found?.share.value).toBeGreaterThan(0.3);
    const gains = Object.fromEntries(found?.ceilings.map(({ metric, gain }) => [metric, gain]) ?? []);
    expect(gains['throughput_rps']).toBeGreaterThan(0.3);
    // Of the usual load, of which a crowd tells nothing.
    expect(gains).not.toHaveProperty('latency_p50_ms');
  });

  it('is not where latencies at the usual load are, nor in its repaired twin', () => {
    expect(find('thread-pool-saturated', of('slow'), ['latency_p95_ms', 'cpu_us_per_request'])).toEqual([]);
    expect(find('thread-pool-saturated', of('fixed'), ['throughput_rps'])).toEqual([]);
  });
});

describe('tasks of microseconds in a thread pool', () => {
  it.each(['lookups', 'lookups-starved'])('do not fill it, however late the event loop is: %s', (name) => {
    const traces = { trace: analyzeTraced(name), crowded: analyzeTraced(`${name}-crowd`) };
    expect(find('thread-pool-saturated', traces, ['throughput_rps'])).toEqual([]);
  });
});

describe('oversized JSON', () => {
  const on = (side: 'slow' | 'fixed') =>
    find('oversized-json', { trace: analyzeTraced(`catalogue-${side}`) }, ['throughput_rps']);

  it('is named with its size, its place and the request that it is made for', () => {
    const [found, ...others] = on('slow');
    expect(others).toEqual([]);
    expect(found).toMatchObject({
      location: { function: 'copyOf', file: 'src/products.mjs' },
      layer: 'algorithm',
    });
    expect(found?.title).toMatch(/JSON\.\w+ and JSON\.\w+ from copyOf/);
    expect(found?.signals).toEqual(
      expect.arrayContaining([
        'json',
        'oversized',
        'calls:JSON.parse',
        'calls:JSON.stringify',
        'route:GET /products',
      ]),
    );
    expect(found?.share.value).toBeGreaterThan(0.3);
  });

  it('is not JSON of what the answer holds', () => {
    expect(on('fixed')).toEqual([]);
  });
});

describe('a timer that requests wait for', () => {
  const on = (side: 'slow' | 'fixed') =>
    find('timer-wait', { trace: analyzeTraced(`thumbnails-${side}`) }, ['latency_p95_ms']);

  it('is named with its delay and its place, whatever else it is beside', () => {
    const [found, ...others] = on('slow');
    expect(others).toEqual([]);
    expect(found).toMatchObject({ location: { function: 'waitFor', file: 'src/jobs.mjs' } });
    expect(found?.title).toMatch(/wait 9\d % of their time for a timer \(setTimeout 20 ms\) from waitFor/);
    expect(found?.ceilings[0]).toMatchObject({ metric: 'latency_p95_ms' });
    expect(found?.ceilings[0]?.gain).toBeGreaterThan(0.8);
  });

  it('is not there where the event itself is waited for', () => {
    expect(on('fixed')).toEqual([]);
  });
});
