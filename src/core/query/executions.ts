import { seededRandom } from '../random.ts';
import { median, quantile } from '../stats/order-statistics.ts';

/** Fewer give no quantile worth the name; a statement that takes seconds gets no more than these. */
export const MIN_EXECUTIONS = 5;

/** Bounds memory (two numbers for each execution); reached by statements below 10 µs only. */
const MAX_EXECUTIONS = 200_000;

/** The share that `wall_low_ms` stands at: low enough to be clear of interruptions, and not the luckiest execution. */
const LOW_SHARE = 0.1;

export interface Execution {
  /** Index of its parameter set. */
  readonly set: number;
  readonly ms: number;
}

/**
 * How many executions fill a window of `windowMs`, in whole rounds through the parameter sets where one fits, so that each
 * process does the same mix of work. Two digits: a number that a person can repeat.
 */
export function settleExecutions(msPerExecution: number, windowMs: number, sets: number): number {
  const fitting = Math.min(MAX_EXECUTIONS, windowMs / Math.max(msPerExecution, 1e-6));
  const wanted = Math.max(MIN_EXECUTIONS, Number(fitting.toPrecision(2)));
  return wanted < sets ? Math.ceil(wanted) : Math.ceil(wanted / sets) * sets;
}

/** Indices of parameter sets without end: every set once in each round, each round in an order of its own. */
export function* orderOfSets(sets: number, seed: number): Generator<number, never> {
  const random = seededRandom(seed);
  const indices = Array.from({ length: sets }, (_, index) => index);
  for (;;) yield* random.shuffle(indices);
}

/**
 * Median and low quantile of an execution. Parameter sets may differ in cost by far, and a quantile over all of them would
 * only see the cheap ones: each set gets its own, and their mean is the cost of a round. With too few executions of a set
 * for that, the quantiles are over all executions.
 */
export function summarizeExecutions(
  executions: readonly Execution[],
  sets: number,
  planned: number,
): { readonly wallMs: number; readonly wallLowMs: number } {
  const groups = planned / sets < MIN_EXECUTIONS ? [executions.map(({ ms }) => ms)] : groupBySet(executions);
  return {
    wallMs: mean(groups.map(median)),
    wallLowMs: mean(groups.map((group) => quantile(group, LOW_SHARE))),
  };
}

function groupBySet(executions: readonly Execution[]): readonly (readonly number[])[] {
  const groups = new Map<number, number[]>();
  for (const { set, ms } of executions) {
    const group = groups.get(set);
    if (group === undefined) groups.set(set, [ms]);
    else group.push(ms);
  }
  return [...groups.values()];
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
