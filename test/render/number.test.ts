import { describe, expect, it } from 'vitest';
import {
  formatChange,
  formatEstimate,
  formatMetric,
  formatMetricChange,
  formatMetricEstimate,
  formatNumber,
  formatPrice,
  formatShare,
  formatShareEstimate,
  formatValue,
} from '../../src/render/number.ts';

describe('numbers for people', () => {
  it.each([
    [0, '0'],
    [0.01234, '0.0123'],
    [1.5, '1.5'],
    [12.34, '12.3'],
    [123.4, '123'],
    [123456, '123456'],
    [-2, '−2'],
    [Infinity, '∞'],
    [-Infinity, '−∞'],
    [NaN, 'undefined'],
    [1e-9, '0'],
    [-1e-9, '0'],
  ])('%d -> %s', (value, text) => {
    expect(formatNumber(value)).toBe(text);
  });

  it.each([
    [0.25, 'ms', '250 µs'],
    [12.34, 'ms', '12.3 ms'],
    [2500, 'ms', '2.5 s'],
    [0, 'ms', '0 ms'],
    [999.9, 'us', '1 ms'],
    [1500, 'us', '1.5 ms'],
    [512, 'bytes', '512 B'],
    [1536, 'bytes', '1.5 KiB'],
    [536870912, 'bytes', '512 MiB'],
    [321.7, 'per_second', '322 /s'],
    [0.0015, 'ratio', '0.15 %'],
  ] as const)('%d %s -> %s', (value, unit, text) => {
    expect(formatValue(value, unit)).toBe(text);
  });

  it('gives the interval in the unit of the value', () => {
    expect(formatEstimate(1200, [900, 1500], 'ms')).toBe('1.2 s [0.9, 1.5]');
    expect(formatMetricEstimate('rss_peak_bytes', 2 * 1024 ** 2, [1024 ** 2, 3 * 1024 ** 2])).toBe(
      '2 MiB [1, 3]',
    );
    expect(formatMetricEstimate('latency_p95_ms', 12, null)).toBe('12 ms [no interval]');
    expect(formatMetric('cpu_us_per_request', 950)).toBe('950 µs');
  });

  it('writes shares', () => {
    expect(formatShare(0.183)).toBe('18 %');
    expect(formatShare(0.046)).toBe('4.6 %');
    expect(formatShare(0.0996)).toBe('10 %');
    expect(formatShareEstimate(0.4, [0.3701, 0.4307])).toBe('40 % [37, 43]');
  });

  it('writes changes with sign and interval', () => {
    expect(formatChange(-0.18, [-0.21, -0.15])).toBe('−18 % [−21, −15]');
    expect(formatChange(0.021, [-0.004, 0.05])).toBe('+2.1 % [−0.4, +5]');
    expect(formatChange(0, null)).toBe('0 % [no interval]');
    expect(formatMetricChange('throughput_rps', 0.12, [0.1, 0.14])).toBe('+12 % [+10, +14]');
    expect(formatMetricChange('event_loop_delay_p99_ms', 3.2, [1.1, 5])).toBe('+3.2 ms [1.1, 5]');
    expect(formatMetricChange('event_loop_delay_p99_ms', -3.2, [-5, -1.1])).toBe('−3.2 ms [−5, −1.1]');
  });
});

describe('the price of knowing', () => {
  it.each([
    [30, 4.21, '30 more blocks (2.1 min)'],
    [30, 3.5, '30 more blocks (110 s)'],
    [1234, 4, '1200 more blocks (82 min)'],
    [5000, 10, '5000 more blocks (14 h)'],
    [7, null, '7 more blocks'],
  ])('%d blocks of %d s: %s', (blocks, seconds, text) => {
    expect(formatPrice(blocks, seconds)).toBe(text);
  });
});
