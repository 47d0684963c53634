/** The chance of a wrong "improved" or "regressed" for the primary metric that users are promised. */
export const PROMISED_ALPHA = 0.05;

/**
 * The row of the table that keeps that promise. The table assumes noise without a trend; noise that grows tenfold
 * during a run turns 5 % into 5.7 % (notes on statistics, section 3), and row .04 leaves room for that.
 */
export const PRIMARY_ALPHA = 0.04;

/**
 * What the `attempt`-th comparison (from 1) against the same baseline may spend: half as much each time, or else
 * re-running until it is green would always work in the end. A series of attempts, however long, is wrong with
 * less than twice the alpha of the first.
 */
export function alphaForAttempt(attempt: number, first: number = PRIMARY_ALPHA): number {
  return first / 2 ** Math.max(0, attempt - 1);
}
