import { createProfileBuilder } from '../profile/builder.ts';
import type { ProfileBuilder } from '../profile/builder.ts';
import type { FrameKind, Profile } from '../profile/model.ts';
import { frameOfForeign } from './foreign-frame.ts';
import type { ForeignFrame } from './foreign-frame.ts';

/** Where the innermost frame of a stack was when the sample was taken. */
export interface StackFrame extends ForeignFrame {
  /** 1-based line that ran. */
  readonly at?: number | undefined;
}

/** Profiles of formats that give whole stacks; what a frame is, is worked out once for each of its callers' kinds. */
export interface StackBuilder {
  /** @param stack the outermost frame first */
  add(stack: readonly StackFrame[], weight: number, samples: number): void;
  readonly builder: ProfileBuilder;
  build(threads: readonly string[]): Profile;
}

export function createStackBuilder(weight: Profile['weight']): StackBuilder {
  const builder = createProfileBuilder(weight);
  const cache = new Map<FrameKind | undefined, Map<ForeignFrame, { index: number; kind: FrameKind }>>();
  const root = builder.node(-1, builder.frame({ name: '(root)', kind: 'root' }));
  const lookUp = (given: StackFrame, above: FrameKind | undefined) => {
    let ofKind = cache.get(above);
    if (ofKind === undefined)
      cache.set(above, (ofKind = new Map<ForeignFrame, { index: number; kind: FrameKind }>()));
    let known = ofKind.get(given);
    if (known === undefined) {
      const frame = frameOfForeign(given, above);
      ofKind.set(given, (known = { index: builder.frame(frame), kind: frame.kind }));
    }
    return known;
  };
  return {
    builder,
    add(stack, added, samples) {
      let node = root;
      let kind: FrameKind | undefined;
      for (const given of stack) {
        const frame = lookUp(given, kind);
        // The root of V8 is ours.
        if (frame.kind === 'root') continue;
        node = builder.node(node, frame.index);
        kind = frame.kind;
      }
      if (kind === undefined)
        node = builder.node(root, builder.frame({ name: '(program)', kind: 'program' }));
      builder.addSelf(node, added, samples);
      const at = stack.at(-1)?.at;
      if (at !== undefined && at > 0 && kind === 'js') builder.addLine(node, at, added);
    },
    build: (threads) => builder.build(threads),
  };
}
