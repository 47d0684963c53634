import { expect, test } from 'vitest';
import { costPerMillionOps } from '../../../src/core/measurement/cost.ts';

const PRICES = { currency: 'USD', cpu_hour: 0.04, gib_hour: 0.005, gib_transferred: 0.09 };

test('CPU, memory and bytes of a request, by hand', () => {
  // 3.6 ms of CPU = 1e-6 h; 1 GiB for 1/500 s = 5.5e-7 GiB h; 1 KiB = 9.5e-7 GiB.
  const cost = costPerMillionOps(
    { cpu_us_per_request: 3600, throughput_rps: 500, rss_peak_bytes: 2 ** 30, bytes_per_op: 1024 },
    PRICES,
  );
  expect(cost).toBeCloseTo(0.04 + (0.005 * 1e6) / 500 / 3600 + (0.09 * 1e6) / 2 ** 20, 10);
});

test('a command holds its memory as long as it runs', () => {
  const cost = costPerMillionOps(
    { cpu_ms: 1000, wall_ms: 3600, rss_peak_bytes: 2 ** 29 },
    { currency: 'USD', gib_hour: 1 },
  );
  expect(cost).toBeCloseTo(1e6 * 0.5 * (3.6 / 3600), 10);
});

test('what is not priced or not measured does not count, and nothing at all is no number', () => {
  expect(costPerMillionOps({ cpu_ms: 1 }, { currency: 'USD', gib_hour: 1 })).toBeUndefined();
  expect(costPerMillionOps({ cpu_ms: 1 }, { currency: 'USD' })).toBeUndefined();
  expect(costPerMillionOps({ cpu_us_per_request: 3600, throughput_rps: 0 }, PRICES)).toBeCloseTo(0.04, 10);
});
