import type { Profile } from './model.ts';

/** What most questions about a profile need besides the profile: children, and weights of whole subtrees. */
export interface CallTree {
  /** Index of the first child, -1 without. */
  readonly firstChild: Int32Array;
  /** Index of the next node with the same parent, -1 after the last. Roots are chained too. */
  readonly nextSibling: Int32Array;
  readonly firstRoot: number;
  /** Weight of the node and everything below it. */
  readonly weight: Float64Array;
  readonly samples: Float64Array;
}

export function buildCallTree({ nodes }: Profile): CallTree {
  const count = nodes.parent.length;
  const firstChild = new Int32Array(count).fill(-1);
  const nextSibling = new Int32Array(count).fill(-1);
  const weight = Float64Array.from(nodes.self);
  const samples = Float64Array.from(nodes.samples);
  let firstRoot = -1;
  // Backwards: a parent stands before its children, so a node is complete when it is reached, and siblings
  // end up in their original order.
  for (let node = count - 1; node >= 0; node--) {
    const parent = nodes.parent[node] ?? -1;
    if (parent < 0) {
      nextSibling[node] = firstRoot;
      firstRoot = node;
    } else {
      nextSibling[node] = firstChild[parent] ?? -1;
      firstChild[parent] = node;
      weight[parent] = (weight[parent] ?? 0) + (weight[node] ?? 0);
      samples[parent] = (samples[parent] ?? 0) + (samples[node] ?? 0);
    }
  }
  return { firstChild, nextSibling, firstRoot, weight, samples };
}

export function childrenOf(tree: CallTree, node: number): readonly number[] {
  const children: number[] = [];
  for (let child = tree.firstChild[node] ?? -1; child >= 0; child = tree.nextSibling[child] ?? -1)
    children.push(child);
  return children;
}

/**
 * The nodes of a frame that have no ancestor of the same frame: adding up their subtrees counts recursion once.
 * Iterative, because stacks of recursive programs are deeper than ours may be.
 */
export function findOutermostNodes(profile: Profile, tree: CallTree): readonly boolean[] {
  const open = new Uint32Array(profile.frames.length);
  const outermost = new Array<boolean>(profile.nodes.parent.length).fill(false);
  const enter = (node: number) => {
    const frame = profile.nodes.frame[node] ?? 0;
    outermost[node] = open[frame] === 0;
    open[frame] = (open[frame] ?? 0) + 1;
  };
  const leave = (node: number) => {
    const frame = profile.nodes.frame[node] ?? 0;
    open[frame] = (open[frame] ?? 0) - 1;
  };
  let node = tree.firstRoot;
  while (node >= 0) {
    enter(node);
    const child = tree.firstChild[node] ?? -1;
    if (child >= 0) {
      node = child;
      continue;
    }
    let current = node;
    leave(current);
    while ((tree.nextSibling[current] ?? -1) < 0) {
      current = profile.nodes.parent[current] ?? -1;
      if (current < 0) return outermost;
      leave(current);
    }
    node = tree.nextSibling[current] ?? -1;
  }
  return outermost;
}
