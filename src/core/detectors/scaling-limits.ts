import type { Coefficient, ScalabilityFit } from '../model/sweep.ts';
import type { DetectorInput, Finding } from './detector.ts';
import { largestValue } from './measured-sweep.ts';
import type { MeasuredSweep } from './measured-sweep.ts';

/** A sweep over connections with the law that was fitted, and where it ended. */
export interface ScalingSweep {
  readonly measured: MeasuredSweep;
  readonly fit: ScalabilityFit;
  /** Largest concurrency that was measured. */
  readonly most: number;
}

export function scalingSweeps({ sweeps = [] }: DetectorInput): readonly ScalingSweep[] {
  return sweeps.flatMap((measured) => {
    const { over, fit } = measured.sweep;
    const most = largestValue(measured.sweep);
    return over === 'connections' && fit.kind === 'universal-scalability-law' && most !== undefined
      ? [{ measured, fit, most }]
      : [];
  });
}

/** Throughput on the curve relative to that of one connection. */
export function speedUp(contention: number, coherency: number, n: number): number {
  return n / (1 + contention * (n - 1) + coherency * n * (n - 1));
}

/**
 * What throughput at the end of the sweep could gain without one of the two costs, from each end of its interval: the
 * other cost stays as it was fitted, although the two ends of two intervals do not go together.
 */
export function gainWithout(
  cost: Coefficient,
  speedUpAt: (cost: number) => number,
): { readonly gain: number; readonly interval: [number, number] } {
  const gainFrom = (value: number): number => Math.max(0, speedUpAt(0) / speedUpAt(value) - 1);
  return {
    gain: gainFrom(cost.value),
    interval: [gainFrom(cost.interval[0]), gainFrom(cost.interval[1])],
  };
}

/** A curve that misses its levels says little about what bends it. */
export function levelOf(fit: ScalabilityFit): Finding['confidence']['level'] {
  return fit.warnings.length > 0 ? 'low' : 'medium';
}

/** Node.js answers on one thread: what saturates it is the serial part, and no lock has to be looked for. */
const SATURATED = 0.85;
export function isOneBusyThread({ load }: DetectorInput): boolean {
  const busy = load.busyShareOfCore;
  return busy !== null && busy >= SATURATED && busy <= 1.25;
}
