import type { Unit } from '../core/model/metrics.ts';
import { formatNumber, formatValue } from './number.ts';

export interface Axis {
  readonly label: string;
  readonly scale: 'linear' | 'log';
  /** Writes ticks in people's units; plain numbers without. */
  readonly unit?: Unit;
  /** Names in place of numbers, for values that are texts. */
  readonly ticks?: readonly Tick[];
}

export interface Tick {
  readonly at: number;
  readonly label: string;
}

/** An axis with its range settled. */
export interface Ruler {
  /** Share of the axis, 0 to 1, at which a value stands. */
  readonly place: (value: number) => number;
  readonly ticks: readonly Tick[];
  readonly low: number;
  readonly high: number;
}

/** Steps between ticks that people count in. */
const STEPS = [1, 2, 5, 10];
/** Values closer together than that (a hundredth of a per cent) are one value, and an axis needs room around it. */
const NARROW = 1e-4;
/** Smaller numbers are 0 to any reader, and rounding would make the picture. */
const SMALLEST = 1e-12;
/** Space beside the outermost values, as a share of the axis. */
const PADDING = 0.04;

/** Whether the axis has a place for the value: a logarithmic one has none for 0 and below. */
export function canShow({ scale }: Axis, value: number): boolean {
  return Number.isFinite(value) && (scale === 'linear' || value >= SMALLEST);
}

/**
 * A linear axis starts at 0, so that lengths compare as the numbers do; a logarithmic one has no 0 and shows positive
 * values only. `wanted`: about how many ticks fit.
 */
export function layOutAxis(axis: Axis, values: readonly number[], wanted: number): Ruler {
  return axis.scale === 'log' ? logRuler(axis, values, wanted) : linearRuler(axis, values, wanted);
}

function linearRuler(axis: Axis, values: readonly number[], wanted: number): Ruler {
  const named = axis.ticks?.map(({ at }) => at) ?? [];
  const least = Math.min(0, ...values, ...named);
  const largest = Math.max(...values, ...named, least);
  const most = largest - least > SMALLEST ? largest : least + 1;
  const space = (most - least) * PADDING;
  // Names stand in the middle of their share of the axis.
  const low = named.length > 0 ? least - 0.5 : least < 0 ? least - space : 0;
  const high = named.length > 0 ? most + 0.5 : most + space;
  const step = niceStep((high - low) / wanted);
  const first = Math.ceil(low / step);
  const count = Math.floor(high / step) - first + 1;
  const numbers = Array.from({ length: Math.max(0, count) }, (_, i) => (first + i) * step);
  return {
    place: (value) => (value - low) / (high - low),
    ticks: axis.ticks ?? numbers.map((at) => ({ at, label: format(axis, at) })),
    low,
    high,
  };
}

function logRuler(axis: Axis, values: readonly number[], wanted: number): Ruler {
  const positive = values.filter((value) => canShow(axis, value));
  const least = positive.length === 0 ? 1 : Math.min(...positive);
  const most = positive.length === 0 ? 10 : Math.max(...positive);
  const span = Math.log(most / least);
  const space = span > NARROW ? span * PADDING : Math.log(2);
  const [low, high] = [Math.log(least) - space, Math.log(most) + space];
  const ticks = logTicks(Math.exp(low), Math.exp(high), wanted);
  return {
    place: (value) => (Math.log(value) - low) / (high - low),
    ticks: axis.ticks ?? ticks.map((at) => ({ at, label: format(axis, at) })),
    low: Math.exp(low),
    high: Math.exp(high),
  };
}

/** 1, 2 and 5 of each decade where they fit, else decades, else every second or third of them. */
function logTicks(low: number, high: number, wanted: number): readonly number[] {
  const decades = Array.from(
    { length: Math.floor(Math.log10(high)) - Math.floor(Math.log10(low)) + 1 },
    (_, i) => Math.floor(Math.log10(low)) + i,
  );
  const inside = (value: number) => value >= low && value <= high;
  const fine = decades.flatMap((power) => [1, 2, 5].map((digit) => digit * 10 ** power)).filter(inside);
  if (fine.length <= wanted) return fine;
  const coarse = decades.map((power) => 10 ** power).filter(inside);
  const each = Math.ceil(coarse.length / wanted);
  return coarse.filter((_, i) => i % each === 0);
}

function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return (STEPS.find((step) => step * power >= least) ?? 10) * power;
}

function format({ unit }: Axis, value: number): string {
  return unit === undefined ? formatNumber(value) : formatValue(value, unit);
}
