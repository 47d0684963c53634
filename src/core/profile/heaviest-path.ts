import { childrenOf } from './call-tree.ts';
import { shareOf } from './analyze.ts';
import type { ProfileAnalysis } from './analyze.ts';
import type { Frame } from './model.ts';

export interface PathStep {
  readonly frameIndex: number;
  readonly frame: Frame;
  /** Weight of this call path and everything below it, as a share of busy weight. */
  readonly share: number;
}

/** Follows the heaviest child from the root down, the idle frame left out, until a frame keeps most of its weight itself. */
export function findHeaviestPath(analysis: ProfileAnalysis): readonly PathStep[] {
  const { profile, tree, totals } = analysis;
  const steps: PathStep[] = [];
  const weightOf = (node: number) => tree.weight[node] ?? 0;
  const isBusy = (node: number) => profile.frames[profile.nodes.frame[node] ?? 0]?.kind !== 'idle';
  const heaviest = (nodes: readonly number[]) =>
    nodes
      .filter(isBusy)
      .reduce((best, node) => (best < 0 || weightOf(node) > weightOf(best) ? node : best), -1);
  const roots: number[] = [];
  for (let root = tree.firstRoot; root >= 0; root = tree.nextSibling[root] ?? -1) roots.push(root);
  let node = heaviest(roots);
  while (node >= 0 && weightOf(node) > 0) {
    const frameIndex = profile.nodes.frame[node] ?? 0;
    const frame = profile.frames[frameIndex];
    if (frame !== undefined && frame.kind !== 'root')
      steps.push({ frameIndex, frame, share: shareOf(weightOf(node), totals.busy) });
    const next = heaviest(childrenOf(tree, node));
    if (next < 0 || weightOf(next) < (profile.nodes.self[node] ?? 0)) break;
    node = next;
  }
  return steps;
}
