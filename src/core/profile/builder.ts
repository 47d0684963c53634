import { createLineWeights } from './line-weights.ts';
import type { Frame, Profile } from './model.ts';
import { createPairIndex } from './pair-index.ts';

/**
 * Builds a calling-context tree in which each frame stands at most once among the children of a node, whatever
 * the producer did, so that importers and the merge share one way to get there.
 */
export interface ProfileBuilder {
  frame(frame: Frame): number;
  /** The child of `parent` (-1: a root) with that frame; the same call gives the same node. */
  node(parent: number, frame: number): number;
  addSelf(node: number, weight: number, samples: number): void;
  addLine(node: number, line: number, weight: number): void;
  /** Weight of garbage collections that interrupted the node. */
  addCollection(node: number, weight: number): void;
  build(threads: readonly string[]): Profile;
}

/** @param expectedNodes about as many, where the producer tells */
export function createProfileBuilder(weight: Profile['weight'], expectedNodes = 0): ProfileBuilder {
  const frames: Frame[] = [];
  const frameIndex = new Map<string, number>();
  const parents: number[] = [];
  const frameOf: number[] = [];
  const self: number[] = [];
  const samples: number[] = [];
  const nodeIndex = createPairIndex(expectedNodes);
  const lines = createLineWeights(expectedNodes);
  const collections = new Map<number, number>();

  return {
    frame(frame) {
      const key = frameKey(frame);
      const known = frameIndex.get(key);
      if (known !== undefined) return known;
      frames.push(frame);
      frameIndex.set(key, frames.length - 1);
      return frames.length - 1;
    },
    node(parent, frame) {
      const next = parents.length;
      const index = nodeIndex.of(parent, frame, next);
      if (index < next) return index;
      parents.push(parent);
      frameOf.push(frame);
      self.push(0);
      samples.push(0);
      return index;
    },
    addSelf(node, added, count) {
      self[node] = (self[node] ?? 0) + added;
      samples[node] = (samples[node] ?? 0) + count;
    },
    addLine: (node, line, added) => lines.add(node, line, added),
    addCollection(node, added) {
      collections.set(node, (collections.get(node) ?? 0) + added);
    },
    build(threads) {
      return {
        weight,
        frames,
        nodes: {
          parent: Int32Array.from(parents),
          frame: Int32Array.from(frameOf),
          self: Float64Array.from(self),
          samples: Uint32Array.from(samples),
        },
        lines: lines.build(),
        collections,
        threads,
      };
    },
  };
}

/** Identity of a function over profiles: two captures of the same code give the same key. */
export function frameKey(frame: Frame): string {
  return `${frame.kind}\n${frame.name}\n${frame.file ?? ''}\n${frame.line ?? ''}:${frame.column ?? ''}`;
}
