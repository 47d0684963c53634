import type { Frame, Profile } from './model.ts';

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

/** More frames than this never occur (V8 itself has a limit in the same order), so a pair fits an exact integer. */
const FRAME_LIMIT = 2 ** 22;

export function createProfileBuilder(weight: Profile['weight']): ProfileBuilder {
  const frames: Frame[] = [];
  const frameIndex = new Map<string, number>();
  const parents: number[] = [];
  const frameOf: number[] = [];
  const self: number[] = [];
  const samples: number[] = [];
  const nodeIndex = new Map<number, number>();
  const lines = new Map<number, Map<number, number>>();
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
      const key = (parent + 1) * FRAME_LIMIT + frame;
      const known = nodeIndex.get(key);
      if (known !== undefined) return known;
      const index = parents.length;
      parents.push(parent);
      frameOf.push(frame);
      self.push(0);
      samples.push(0);
      nodeIndex.set(key, index);
      return index;
    },
    addSelf(node, added, count) {
      self[node] = (self[node] ?? 0) + added;
      samples[node] = (samples[node] ?? 0) + count;
    },
    addLine(node, line, added) {
      const ofNode = lines.get(node) ?? new Map<number, number>();
      ofNode.set(line, (ofNode.get(line) ?? 0) + added);
      lines.set(node, ofNode);
    },
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
        lines,
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
