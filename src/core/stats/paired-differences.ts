import { InternalError } from '../errors.ts';
import type { Metric } from '../model/metrics.ts';

/** How a metric is compared; a `Metric` of the catalogue is one. */
export type Comparing = Pick<Metric, 'scale' | 'better'>;
export type Scale = Metric['scale'];

/**
 * One difference per block, baseline `a` against candidate `b`, with + = worse: ln(b / a) for ratios, b - a for
 * differences, sign turned for metrics where more is better. On logarithms "twice as slow" and "twice as fast"
 * are equally far from 0.
 */
export function pairedDifferences(
  a: readonly number[],
  b: readonly number[],
  { scale, better }: Comparing,
): readonly number[] {
  if (a.length !== b.length) throw defect(`${a.length} baseline values are paired with ${b.length}`);
  const worse = better === 'lower' ? 1 : -1;
  return a.map((before, i) => {
    const after = b[i] ?? Number.NaN;
    const difference = scale === 'ratio' ? Math.log(after / before) : after - before;
    if (!Number.isFinite(difference) || (scale === 'ratio' && before <= 0)) {
      throw defect(`block ${i} has ${before} and ${after}, which have no ${scale}`);
    }
    // No negative zero: it would show up as "-0" in results.
    return difference === 0 ? 0 : worse * difference;
  });
}

/** A shift on the comparison's scale as an effect: 0.18 = 18 % more for ratios, the shift itself for differences. */
export function effectOf(shift: number, scale: Scale): number {
  return scale === 'ratio' ? Math.expm1(shift) : shift;
}

/** The other way round: how far an effect such as 0.05 is from 0 on the scale of the differences. */
export function shiftOf(effect: number, scale: Scale): number {
  return scale === 'ratio' ? Math.log1p(effect) : effect;
}

/** Undoes "+ = worse": the candidate's change against the baseline, -0.18 = 18 % less, whichever is better. */
export function changeOf(shift: number, { scale, better }: Comparing): number {
  return effectOf(better === 'lower' || shift === 0 ? shift : -shift, scale);
}

export function changeInterval(
  [low, high]: readonly [number, number],
  comparing: Comparing,
): [number, number] {
  const ends: [number, number] = [changeOf(low, comparing), changeOf(high, comparing)];
  return comparing.better === 'lower' ? ends : [ends[1], ends[0]];
}

function defect(what: string): InternalError {
  return new InternalError('internal', `Samples cannot be compared: ${what}.`, {
    fix: 'Drop blocks with failed measurements before comparing; report this as a defect.',
  });
}
