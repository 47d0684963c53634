import { shareOf } from './analyze.ts';
import type { FunctionCost, ProfileAnalysis } from './analyze.ts';

/** The fewest JavaScript functions that make up `target` of the time that has a name. */
export interface Pareto {
  readonly target: number;
  readonly functions: readonly FunctionCost[];
  /** What these functions really make of the named time, [0, 1]. */
  readonly shareOfNamed: number;
  readonly shareOfBusy: number;
  /** How many functions have any time at all: 3 of 5 says less than 3 of 300. */
  readonly outOf: number;
}

export function findPareto(analysis: ProfileAnalysis, target = 0.8): Pareto {
  const named = analysis.functions.filter((cost) => cost.frame.kind === 'js' && cost.own > 0);
  const whole = named.reduce((sum, cost) => sum + cost.own, 0);
  const functions: FunctionCost[] = [];
  let reached = 0;
  for (const cost of named) {
    if (reached >= target * whole) break;
    functions.push(cost);
    reached += cost.own;
  }
  return {
    target,
    functions,
    shareOfNamed: shareOf(reached, whole),
    shareOfBusy: shareOf(reached, analysis.totals.busy),
    outOf: named.length,
  };
}
