import { findOutermostNodes } from './call-tree.ts';
import { childrenOf } from './call-tree.ts';
import { shareOf } from './analyze.ts';
import type { ProfileAnalysis } from './analyze.ts';
import type { Frame } from './model.ts';

/** One step away from a function, up or down, with the weight that flows through it. */
export interface Relative {
  readonly frameIndex: number;
  readonly frame: Frame;
  readonly weight: number;
  /** Of busy weight, [0, 1]. */
  readonly share: number;
  /** Weight that ended in this frame itself (callees only; 0 for callers). */
  readonly self: number;
  readonly relatives: readonly Relative[];
  /** Weight of relatives that were left out by the bounds. */
  readonly omitted: number;
}

export interface RelativeBounds {
  /** Levels below the function; default 4, at most 50. */
  readonly depth?: number;
  /** Relatives of each function; default 8. */
  readonly width?: number;
  /** Relatives below this share of busy weight are left out; default 0.005. */
  readonly minShare?: number;
}

const MAX_DEPTH = 50;

interface Resolved {
  readonly depth: number;
  readonly width: number;
  readonly minShare: number;
}

function resolve(bounds: RelativeBounds): Resolved {
  return {
    depth: Math.min(MAX_DEPTH, bounds.depth ?? 4),
    width: bounds.width ?? 8,
    minShare: bounds.minShare ?? 0.005,
  };
}

/** Who called the function: an inverted tree. Each occurrence of the function counts once, its recursion inside it. */
export function callersOf(
  analysis: ProfileAnalysis,
  frameIndex: number,
  bounds: RelativeBounds = {},
): Relative {
  const { profile, tree } = analysis;
  const origins = occurrences(analysis, frameIndex);
  // A step holds the occurrence whose weight flows, and the ancestor that was reached from it.
  interface Step {
    readonly origin: number;
    readonly at: number;
  }
  const expand = (steps: readonly Step[], frame: number, depth: number, limits: Resolved): Relative => {
    const groups = new Map<number, Step[]>();
    for (const { origin, at } of steps) {
      const parent = profile.nodes.parent[at] ?? -1;
      if (parent < 0) continue;
      const parentFrame = profile.nodes.frame[parent] ?? 0;
      if (profile.frames[parentFrame]?.kind === 'root') continue;
      addToGroup(groups, parentFrame, { origin, at: parent });
    }
    const weigh = (members: readonly Step[]) =>
      members.reduce((sum, { origin }) => sum + (tree.weight[origin] ?? 0), 0);
    return bound(analysis, frame, weigh(steps), 0, groups, weigh, depth, limits, expand);
  };
  return expand(
    origins.map((node) => ({ origin: node, at: node })),
    frameIndex,
    0,
    resolve(bounds),
  );
}

/** What the function called: the subtrees of all its occurrences laid over each other. */
export function calleesOf(
  analysis: ProfileAnalysis,
  frameIndex: number,
  bounds: RelativeBounds = {},
): Relative {
  const { profile, tree } = analysis;
  const expand = (nodes: readonly number[], frame: number, depth: number, limits: Resolved): Relative => {
    const groups = new Map<number, number[]>();
    let self = 0;
    for (const node of nodes) {
      self += profile.nodes.self[node] ?? 0;
      for (const child of childrenOf(tree, node)) addToGroup(groups, profile.nodes.frame[child] ?? 0, child);
    }
    const weigh = (members: readonly number[]) =>
      members.reduce((sum, node) => sum + (tree.weight[node] ?? 0), 0);
    return bound(analysis, frame, weigh(nodes), self, groups, weigh, depth, limits, expand);
  };
  return expand(occurrences(analysis, frameIndex), frameIndex, 0, resolve(bounds));
}

function occurrences(analysis: ProfileAnalysis, frameIndex: number): readonly number[] {
  const outermost = findOutermostNodes(analysis.profile, analysis.tree);
  const found: number[] = [];
  outermost.forEach((isOutermost, node) => {
    if (isOutermost && analysis.profile.nodes.frame[node] === frameIndex) found.push(node);
  });
  return found;
}

function addToGroup<T>(groups: Map<number, T[]>, key: number, member: T): void {
  const group = groups.get(key);
  if (group === undefined) groups.set(key, [member]);
  else group.push(member);
}

function bound<T>(
  analysis: ProfileAnalysis,
  frameIndex: number,
  weight: number,
  self: number,
  groups: ReadonlyMap<number, readonly T[]>,
  weigh: (members: readonly T[]) => number,
  depth: number,
  limits: Resolved,
  expand: (members: readonly T[], frame: number, depth: number, limits: Resolved) => Relative,
): Relative {
  const { busy } = analysis.totals;
  const ordered = [...groups]
    .map(([frame, members]) => ({ frame, members, weight: weigh(members) }))
    .sort((a, b) => b.weight - a.weight || a.frame - b.frame);
  const kept =
    depth >= limits.depth
      ? []
      : ordered.slice(0, limits.width).filter((group) => shareOf(group.weight, busy) >= limits.minShare);
  const all = ordered.reduce((sum, group) => sum + group.weight, 0);
  return {
    frameIndex,
    frame: analysis.profile.frames[frameIndex] ?? { name: '(unknown)', kind: 'root' },
    weight,
    share: shareOf(weight, busy),
    self,
    relatives: kept.map((group) => expand(group.members, group.frame, depth + 1, limits)),
    omitted: Math.max(0, all - kept.reduce((sum, group) => sum + group.weight, 0)),
  };
}
