import { METRICS } from '../core/model/metrics.ts';
import type { MetricName, Unit } from '../core/model/metrics.ts';

/** The one place where base units become units for people. Numbers come in the unit that their name says. */

/** A typographic minus: a hyphen before a number breaks lines and looks like a dash. */
const MINUS = '−';

type Scale = readonly (readonly [factor: number, suffix: string])[];

/** Factors from the base unit; the largest that leaves a value of at least 1 is taken. */
const SCALES: Readonly<Record<Unit, Scale>> = {
  ms: [
    [1000, 's'],
    [1, 'ms'],
    [0.001, 'µs'],
    [0.000001, 'ns'],
  ],
  us: [
    [1_000_000, 's'],
    [1000, 'ms'],
    [1, 'µs'],
  ],
  bytes: [
    [1024 ** 3, 'GiB'],
    [1024 ** 2, 'MiB'],
    [1024, 'KiB'],
    [1, 'B'],
  ],
  per_second: [[1, '/s']],
  ratio: [[0.01, '%']],
  percent_of_time: [[0.01, '%']],
  count: [[1, '']],
  money: [[1, '']],
};

/** 3 significant digits, no exponent, no trailing zeros: 0.0123, 1.5, 123, 12345. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'undefined' : value > 0 ? '∞' : `${MINUS}∞`;
  const size = Math.abs(value);
  if (size === 0) return '0';
  const digits = size >= 100 ? 0 : Math.min(6, 2 - Math.floor(Math.log10(size)));
  const fixed = size.toFixed(Math.max(0, digits));
  const text = fixed.includes('.') ? fixed.replace(/\.?0+$/, '') : fixed;
  return value < 0 && text !== '0' ? `${MINUS}${text}` : text;
}

function chooseScale(unit: Unit, size: number): readonly [number, string] {
  const scale = SCALES[unit];
  // Nothing has no size of its own: the base unit.
  if (size === 0) return scale.find(([factor]) => factor === 1) ?? scale[0] ?? [1, ''];
  const smallest = scale.at(-1) ?? ([1, ''] as const);
  // Rounding to three digits may reach the next unit: 999.9 µs is 1 ms.
  return scale.find(([factor]) => size / factor >= 0.9995) ?? smallest;
}

/** "12.3 ms", "1.5 MiB", "18 %", "320 /s" */
export function formatValue(value: number, unit: Unit): string {
  const [factor, suffix] = chooseScale(unit, Math.abs(value));
  return `${formatNumber(value / factor)} ${suffix}`.trimEnd();
}

/** "12.3 ms [11.8, 12.9]": the interval in the unit of the value. */
export function formatEstimate(
  value: number,
  interval: readonly [number, number] | null,
  unit: Unit,
): string {
  const [factor] = chooseScale(unit, Math.abs(value));
  const text = formatValue(value, unit);
  if (interval === null) return `${text} [no interval]`;
  const [low, high] = interval;
  return `${text} [${formatNumber(low / factor)}, ${formatNumber(high / factor)}]`;
}

export function formatMetric(name: MetricName, value: number): string {
  return formatValue(value, METRICS[name].unit);
}

export function formatMetricEstimate(
  name: MetricName,
  value: number | null,
  interval: readonly [number, number] | null,
): string {
  if (value === null) return 'not measured';
  return formatEstimate(value, interval, METRICS[name].unit);
}

/** 0.183 -> "18 %"; below 10 % one decimal, because 4.6 and 5.4 are not the same share. */
export function formatShare(share: number): string {
  return `${percentNumber(share)} %`;
}

/** "18 % [15, 21]" */
export function formatShareEstimate(share: number, interval: readonly [number, number]): string {
  return `${formatShare(share)} [${percentNumber(interval[0])}, ${percentNumber(interval[1])}]`;
}

/** "−18 % [−21, −15]", always with a sign. A change without interval says so: a bare percentage claims too much. */
export function formatChange(change: number, interval: readonly [number, number] | null): string {
  const ends =
    interval === null ? 'no interval' : `${signedPercent(interval[0])}, ${signedPercent(interval[1])}`;
  return `${signedPercent(change)} % [${ends}]`;
}

/** The change of a metric as its scale says: a ratio in per cent, or a difference in its own unit ("+3.2 ms [1.1, 5]"). */
export function formatMetricChange(
  name: MetricName,
  change: number | null,
  interval: readonly [number, number] | null,
): string {
  if (change === null) return 'not measured';
  const { scale, unit } = METRICS[name];
  if (scale === 'ratio') return formatChange(change, interval);
  // A difference of shares is in points: "+2 %" would read as a ratio.
  const text =
    unit === 'ratio'
      ? formatEstimate(change, interval, unit).replace(' %', ' points')
      : formatEstimate(change, interval, unit);
  return change > 0 ? `+${text}` : text;
}

/** The size of an effect without direction: "3.2 %", or in the metric's own unit where it is compared as a difference. */
export function formatEffect(name: MetricName, effect: number): string {
  return METRICS[name].scale === 'ratio' ? formatShare(effect) : formatMetric(name, effect);
}

/** What more measuring costs: "40 more blocks (150 s)". Two digits, since it is an estimate. */
export function formatPrice(blocks: number, secondsOfBlock: number | null): string {
  const time = secondsOfBlock === null ? '' : ` (${formatDuration(blocks * secondsOfBlock)})`;
  return `${Number(blocks.toPrecision(2))} more blocks${time}`;
}

function formatDuration(seconds: number): string {
  const [value, unit] =
    seconds < 120 ? [seconds, 's'] : seconds < 7200 ? [seconds / 60, 'min'] : [seconds / 3600, 'h'];
  return `${Number(value.toPrecision(2))} ${unit}`;
}

function percentNumber(ratio: number): string {
  const percent = ratio * 100;
  const size = Math.abs(percent);
  const rounded = size >= 9.95 ? Math.round(size).toString() : size.toFixed(1).replace(/\.0$/, '');
  return percent < 0 && rounded !== '0' ? `${MINUS}${rounded}` : rounded;
}

function signedPercent(ratio: number): string {
  const text = percentNumber(ratio);
  return text.startsWith(MINUS) || text === '0' ? text : `+${text}`;
}
