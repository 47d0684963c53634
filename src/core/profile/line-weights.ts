import type { LineWeights } from './model.ts';
import { createPairIndex } from './pair-index.ts';

export interface LineWeightsBuilder {
  add(node: number, line: number, weight: number): void;
  build(): LineWeights;
}

/** In flat lists, chained by node in the order in which lines came: a Map for each node would be most of a large profile. */
export function createLineWeights(expectedNodes = 0): LineWeightsBuilder {
  const index = createPairIndex(expectedNodes);
  const lineAt: number[] = [];
  const weightAt: number[] = [];
  const nextAt: number[] = [];
  /** By node, -1 for none. */
  const first: number[] = [];
  const last: number[] = [];
  let size = 0;
  return {
    add(node, line, weight) {
      const next = lineAt.length;
      const at = index.of(node, line, next);
      if (at < next) {
        weightAt[at] = (weightAt[at] ?? 0) + weight;
        return;
      }
      lineAt.push(line);
      weightAt.push(weight);
      nextAt.push(-1);
      while (first.length <= node) {
        first.push(-1);
        last.push(-1);
      }
      const before = last[node] ?? -1;
      if (before >= 0) nextAt[before] = at;
      else {
        first[node] = at;
        size += 1;
      }
      last[node] = at;
    },
    build: () => new ChainedLines({ size, lineAt, weightAt, nextAt, first }),
  };
}

interface Chains {
  readonly size: number;
  readonly lineAt: readonly number[];
  readonly weightAt: readonly number[];
  readonly nextAt: readonly number[];
  readonly first: readonly number[];
}

/** A class, so that two of the same content are equal. */
class ChainedLines implements LineWeights {
  readonly size: number;
  private readonly chains: Chains;

  constructor(chains: Chains) {
    this.size = chains.size;
    this.chains = chains;
  }

  get(node: number): ReadonlyMap<number, number> | undefined {
    const { first, nextAt, lineAt, weightAt } = this.chains;
    let at = first[node] ?? -1;
    if (at < 0) return undefined;
    const lines = new Map<number, number>();
    for (; at >= 0; at = nextAt[at] ?? -1) lines.set(lineAt[at] ?? 0, weightAt[at] ?? 0);
    return lines;
  }
}
