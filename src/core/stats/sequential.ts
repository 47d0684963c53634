import type { Effort } from '../model/measurement.ts';
import { InternalError } from '../errors.ts';
import { BOUNDARIES } from './boundaries.ts';
import { LOOKS } from './looks.ts';

interface BoundaryRow extends Readonly<Record<Effort, readonly (number | null)[]>> {
  readonly alpha: number;
}

/** Largest alpha first. */
const ROWS: readonly BoundaryRow[] = BOUNDARIES;

/**
 * The alpha that a wish for `alpha` really gets: the next smaller one in the table, so that a promise is never
 * overdrawn; null below the smallest (0.0625 %), where no number of blocks of ours allows a verdict.
 */
export function tabulatedAlpha(alpha: number): number | null {
  return findRow(alpha)?.alpha ?? null;
}

/**
 * The critical value c of a look (0-based): min(W+, W-) <= c rejects "no change", and
 * [Walsh(c + 1), Walsh(M - c)] is the interval; null when this look is too early to reject or alpha too small.
 */
export function boundary(alpha: number, effort: Effort, lookIndex: number): number | null {
  if (LOOKS[effort][lookIndex] === undefined) {
    throw new InternalError('internal', `Effort "${effort}" has no look ${lookIndex}.`, {
      fix: 'Report this as a defect, with the run id.',
    });
  }
  return findRow(alpha)?.[effort][lookIndex] ?? null;
}

function findRow(alpha: number): BoundaryRow | undefined {
  // Halved and divided alphas come out of floating point a hair below their row.
  return ROWS.find((row) => row.alpha <= alpha * (1 + 1e-9));
}
