import { type Equation, solveNonnegative } from './nonnegative-least-squares.ts';

/** One measured number and the factors of the unknowns whose sum should be it. Both positive. */
export interface Observation {
  readonly factors: readonly number[];
  readonly value: number;
}

export interface RobustFit {
  readonly unknowns: readonly number[];
  /** Huber's loss at the optimum, to compare starts by. */
  readonly loss: number;
}

/** Where Huber's loss turns from squares to absolute values, in standard deviations: 95 % efficient on normal noise. */
export const HUBER_TURN = 1.345;
const MAXIMUM_ROUNDS = 60;
const MAXIMUM_HALVINGS = 12;
/** Loss that a round has to save, as a share, to be followed by another one. */
const CONVERGED = 1e-9;

/**
 * Fits value = factors · unknowns, unknowns >= 0, with Huber's loss on residuals of logarithms: noise of a
 * measurement is a share of it, and a stalled process counts once and not squared. Gauss-Newton with
 * reweighting; each round is a small least-squares problem that is solved exactly within the bounds, and a round
 * that does not gain is halved. `turn`: the size of log residual at which the loss becomes absolute.
 */
export function fitRobustLog(
  observations: readonly Observation[],
  start: readonly number[],
  turn: number,
): RobustFit {
  let unknowns = start;
  let loss = lossOf(observations, unknowns, turn);
  for (let round = 0; round < MAXIMUM_ROUNDS; round++) {
    const target = solveNonnegative(linearize(observations, unknowns, turn), start.length);
    const step = shortenUntilBetter(observations, unknowns, target, loss, turn);
    if (step === null) break;
    const gain = loss - step.loss;
    ({ unknowns, loss } = step);
    if (gain <= CONVERGED * loss) break;
  }
  return { unknowns, loss };
}

/** log(value / prediction) of each observation. */
export function logResiduals(
  observations: readonly Observation[],
  unknowns: readonly number[],
): readonly number[] {
  return observations.map(({ factors, value }) => Math.log(value / predict(factors, unknowns)));
}

export function predict(factors: readonly number[], unknowns: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < unknowns.length; i++) sum += (factors[i] ?? 0) * (unknowns[i] ?? 0);
  return sum;
}

/** log(p + d) is log(p) + d / p nearby: a linear problem in the unknowns, with rows divided by the prediction. */
function linearize(
  observations: readonly Observation[],
  unknowns: readonly number[],
  turn: number,
): readonly Equation[] {
  return observations.map(({ factors, value }) => {
    const prediction = predict(factors, unknowns);
    const residual = Math.log(value / prediction);
    const size = Math.abs(residual);
    return {
      factors: factors.map((factor) => factor / prediction),
      value: 1 + residual,
      weight: size <= turn ? 1 : turn / size,
    };
  });
}

function shortenUntilBetter(
  observations: readonly Observation[],
  from: readonly number[],
  to: readonly number[],
  loss: number,
  turn: number,
): RobustFit | null {
  // Between two points that keep the bounds all points keep them.
  for (let share = 1, halving = 0; halving <= MAXIMUM_HALVINGS; halving++, share /= 2) {
    const unknowns = from.map((value, i) => value + share * ((to[i] ?? 0) - value));
    const candidate = lossOf(observations, unknowns, turn);
    if (candidate < loss) return { unknowns, loss: candidate };
  }
  return null;
}

function lossOf(observations: readonly Observation[], unknowns: readonly number[], turn: number): number {
  let sum = 0;
  for (const { factors, value } of observations) {
    const prediction = predict(factors, unknowns);
    if (!(prediction > 0)) return Infinity;
    const size = Math.abs(Math.log(value / prediction));
    sum += size <= turn ? size ** 2 / 2 : turn * (size - turn / 2);
  }
  return sum;
}
