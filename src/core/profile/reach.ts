import { childrenOf, findOutermostNodes } from './call-tree.ts';
import { shareOf } from './analyze.ts';
import type { FunctionCost, ProfileAnalysis } from './analyze.ts';

/** A callee belongs to its caller when this much of its time is spent under it. */
const BELONGS_SHARE = 0.9;

export interface Reach {
  /** Of busy time, [0, 1]. */
  readonly share: number;
  /** The smaller functions that are called (nearly) only from it. */
  readonly callees: readonly FunctionCost[];
}

/**
 * Share of busy time that vanishes with a function: its own, and that of smaller functions which are called (nearly)
 * only from it, such as the body of its loop. A callee that costs more than the function itself is left out with
 * everything below it: it is a finding of its own, and a dispatcher must not borrow the cost of what it dispatches to.
 */
export function measureReach(analysis: ProfileAnalysis, cost: FunctionCost): Reach {
  const { profile, tree, totals } = analysis;
  const outermost = findOutermostNodes(profile, tree);
  const byFrame = new Map(analysis.functions.map((other) => [other.frameIndex, other]));
  const under = new Map<number, number>();
  const pending: number[] = [];
  const parents = new Set<number>();
  outermost.forEach((isOutermost, node) => {
    if (!isOutermost || profile.nodes.frame[node] !== cost.frameIndex) return;
    pending.push(...childrenOf(tree, node));
    parents.add(profile.nodes.parent[node] ?? -1);
  });
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    const frame = profile.nodes.frame[node] ?? 0;
    const callee = byFrame.get(frame);
    if (callee?.frame.kind === 'js' && frame !== cost.frameIndex) {
      if (callee.own >= cost.own) continue;
      under.set(frame, (under.get(frame) ?? 0) + (profile.nodes.self[node] ?? 0));
    }
    pending.push(...childrenOf(tree, node));
  }
  // V8 loses the caller of a function that is sampled in its first instructions: `leaf` under `loop` under `handle`
  // shows as `leaf` under `handle` (measured: 60 % of a small leaf's samples). Such siblings count as callees.
  for (const parent of parents) {
    for (const sibling of parent < 0 ? [] : childrenOf(tree, parent)) {
      const frame = profile.nodes.frame[sibling] ?? 0;
      const known = under.get(frame);
      if (known !== undefined) under.set(frame, known + (profile.nodes.self[sibling] ?? 0));
    }
  }
  let reach = cost.own;
  const callees: FunctionCost[] = [];
  for (const [frame, self] of under) {
    const callee = byFrame.get(frame);
    if (callee === undefined || callee.self <= 0 || self < BELONGS_SHARE * callee.self) continue;
    reach += callee.own;
    callees.push(callee);
  }
  return { share: Math.min(1, shareOf(reach, totals.busy)), callees };
}
