import type { Sweep } from '../model/sweep.ts';
import type { Finding } from './detector.ts';

/** A sweep of the workload that was measured earlier, as it lies in the history. */
export interface MeasuredSweep {
  readonly sweep: Sweep;
  /** Of the artifact that holds all its numbers. */
  readonly artifactId: string;
  /** Whether it measured the very code that is looked at now. */
  readonly sameCode: boolean;
}

/** A curve is no better known than the code that it was measured on; `level` is what its noise alone would allow. */
export function judgeSweep(
  { sameCode }: MeasuredSweep,
  level: 'high' | 'medium' | 'low',
  reason: string,
): Finding['confidence'] {
  return sameCode
    ? { level, reason }
    : { level: 'low', reason: `${reason}; the sweep measured an earlier state of the code` };
}

/** The largest value of a sweep over numbers that gave a sample. */
export function largestValue({ points }: Sweep): number | undefined {
  const measured = points.flatMap(({ value, estimates }) =>
    typeof value === 'number' && Object.keys(estimates).length > 0 ? [value] : [],
  );
  return measured.length === 0 ? undefined : Math.max(...measured);
}

/** What its numbers can be looked up by. */
export function describeSource({ artifactId }: MeasuredSweep): string {
  return `from the stored sweep ${artifactId}`;
}
