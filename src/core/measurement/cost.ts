import type { Prices } from '../model/goals.ts';
import type { MetricValues } from '../model/measurement.ts';

const GIB = 2 ** 30;
const US_PER_HOUR = 3_600_000_000;
const MILLION = 1_000_000;

/**
 * What a million operations cost in the currency of the prices: CPU seconds that were used, memory for as long as an
 * operation holds it (all of the peak, divided over what runs at once at full load), and bytes sent. Only parts that
 * are both priced and measured count; undefined when there is none.
 */
export function costPerMillionOps(metrics: MetricValues, prices: Prices): number | undefined {
  const cpuUs = metrics.cpu_us_per_request ?? scaled(metrics.cpu_ms, 1000);
  const opUs =
    metrics.throughput_rps === undefined
      ? scaled(metrics.wall_ms, 1000)
      : metrics.throughput_rps > 0
        ? MILLION / metrics.throughput_rps
        : undefined;
  const parts = [
    multiply(prices.cpu_hour, scaled(cpuUs, 1 / US_PER_HOUR)),
    multiply(prices.gib_hour, scaled(metrics.rss_peak_bytes, 1 / GIB), scaled(opUs, 1 / US_PER_HOUR)),
    multiply(prices.gib_transferred, scaled(metrics.bytes_per_op, 1 / GIB)),
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? undefined : MILLION * parts.reduce((sum, part) => sum + part, 0);
}

function scaled(value: number | undefined, factor: number): number | undefined {
  return value === undefined ? undefined : value * factor;
}

function multiply(...factors: readonly (number | undefined)[]): number | undefined {
  return factors.reduce((product, factor) =>
    product === undefined || factor === undefined ? undefined : product * factor,
  );
}
