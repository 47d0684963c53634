import { createProfileBuilder } from '../profile/builder.ts';
import type { ProfileBuilder } from '../profile/builder.ts';
import type { FrameKind } from '../profile/model.ts';
import { WARNINGS } from '../warnings.ts';
import type { ImportedProfile } from './importer.ts';
import type { ImportSource } from './import-source.ts';
import { isArray, isObject, numberOr } from './json-shape.ts';
import type { Json } from './json-shape.ts';
import { refuse } from './refuse.ts';
import { frameOfCallFrame } from './v8-frame.ts';
import { readNodes, type V8Function, type V8Nodes } from './v8-nodes.ts';
import { indexIds, weighSamples, type Places } from './v8-weights.ts';

/** The file that our probe has in a target. Its frames are the price of looking, not the program. */
export const PROBE_FILE_NAME = 'probe.cjs';

/** What V8's sampler recorded, as it stands in a .cpuprofile and, in pieces, in a trace of Chrome. */
export interface V8Capture {
  readonly nodes: V8Nodes;
  /** Ids of nodes: read where they lie, since there are millions. */
  readonly samples: ArrayLike<unknown>;
  /** µs; `timeDeltas[i]` lies between sample i-1 (for the first one: the start) and sample i. */
  readonly timeDeltas: ArrayLike<unknown> | undefined;
  readonly durationUs: number;
}

export const CAPTURE_AGAIN =
  'Capture it again, e.g. with find_bottlenecks, or with node --cpu-prof and a clean exit.';

export function convertCapture(capture: V8Capture, source: ImportSource): ImportedProfile {
  const { nodes } = capture;
  if (nodes.firstBad !== undefined) {
    throw refuse(
      source,
      `has a node without "id" or "callFrame" (nodes[${nodes.firstBad}]): it is not a V8 CPU profile`,
      CAPTURE_AGAIN,
    );
  }
  const places = indexIds(nodes.ids);
  const weights = weighSamples(capture, places);
  const { firstChild, nextSibling, roots } = linkNodes(nodes, places);
  const builder = createProfileBuilder('wall_us', nodes.ids.length);
  const frames = createFrames(builder, nodes.functions);
  const count = nodes.ids.length;
  /** By node: where it was placed, and the kind of the frame there; a child looks at its parent. */
  const target = new Int32Array(count).fill(-1);
  const kinds = new Array<FrameKind | undefined>(count).fill(undefined);
  const above = new Int32Array(count).fill(-1);
  const stack = new Int32Array(count);
  let height = 0;
  let placed = 0;
  let discardedUs = 0;
  const push = (node: number, parent: number) => {
    above[node] = parent;
    stack[height++] = node;
  };
  const discard = (top: number) => {
    const below = [top];
    for (let node = below.pop(); node !== undefined; node = below.pop()) {
      placed += 1;
      discardedUs += weights.weight[node] ?? 0;
      for (let child = firstChild[node] ?? -1; child >= 0; child = nextSibling[child] ?? -1)
        below.push(child);
    }
  };
  for (const root of [...roots].reverse()) push(root, -1);
  while (height > 0) {
    const node = stack[--height] ?? 0;
    const parent = above[node] ?? -1;
    const under = parent < 0 ? -1 : (target[parent] ?? -1);
    const kindAbove = parent < 0 ? undefined : kinds[parent];
    const functionAt = nodes.functionAt[node] ?? 0;
    const role = frames.roleOf(functionAt);
    if (role === 'profiler') {
      // Starting and stopping the profiler takes tens of ms and happens inside the profile; nothing below is the program.
      discard(node);
      continue;
    }
    placed += 1;
    const self = weights.weight[node] ?? 0;
    const samples = weights.count[node] ?? 0;
    if (role === 'probe') {
      target[node] = under;
      kinds[node] = kindAbove;
      if (self > 0 || samples > 0) builder.addSelf(holderOf(builder, under, kindAbove), self, samples);
    } else {
      const frame = frames.of(functionAt, kindAbove);
      const at = builder.node(under, frame.index);
      target[node] = at;
      kinds[node] = frame.kind;
      builder.addSelf(at, self, samples);
      const interrupted = weights.collections.get(node);
      if (interrupted !== undefined && isCode(frame.kind)) builder.addCollection(at, interrupted);
      if (self > 0) addLines(builder, at, nodes, node, self);
    }
    // Children come off the stack in the order of the file: they are chained in reverse.
    for (let child = firstChild[node] ?? -1; child >= 0; child = nextSibling[child] ?? -1) push(child, node);
  }
  if (placed < count) {
    throw refuse(
      source,
      `has ${count - placed} nodes that no root leads to: its tree has a cycle`,
      CAPTURE_AGAIN,
    );
  }
  return {
    profile: builder.build([]),
    warnings:
      discardedUs > 0
        ? [...weights.warnings, WARNINGS.profile_of_profiler(discardedUs / 1000)]
        : weights.warnings,
  };
}

// ---- the tree --------------------------------------------------------------------------------------------------

interface Links {
  /** In reverse order of the file. */
  readonly firstChild: Int32Array;
  readonly nextSibling: Int32Array;
  /** Nodes that nobody has as a child, in the order of the file. */
  readonly roots: readonly number[];
}

function linkNodes({ ids, callers, childrenFrom, children }: V8Nodes, places: Places): Links {
  const count = ids.length;
  const firstChild = new Int32Array(count).fill(-1);
  const nextSibling = new Int32Array(count).fill(-1);
  const taken = new Uint8Array(count);
  const link = (parent: number, child: number) => {
    if (taken[child] === 1) return;
    taken[child] = 1;
    nextSibling[child] = firstChild[parent] ?? -1;
    firstChild[parent] = child;
  };
  for (let at = 0; at < count; at++) {
    for (let from = childrenFrom[at] ?? 0; from < (childrenFrom[at + 1] ?? 0); from++) {
      const child = places(children[from]);
      if (child >= 0) link(at, child);
    }
    // Some producers give the parent in place of the children.
    const caller = places(callers[at]);
    if (caller >= 0) link(caller, at);
  }
  const roots: number[] = [];
  taken.forEach((is, at) => {
    if (is === 0) roots.push(at);
  });
  return { firstChild, nextSibling, roots };
}

// ---- frames ----------------------------------------------------------------------------------------------------

/** What can allocate: a collection that follows an idle sample is of no function. */
function isCode(kind: FrameKind): boolean {
  return kind === 'js' || kind === 'builtin' || kind === 'native';
}

interface PlacedFrame {
  readonly index: number;
  readonly kind: FrameKind;
}

/** A function stands in many nodes; what its frame is, is worked out once. */
function createFrames(builder: ProfileBuilder, functions: readonly V8Function[]) {
  const roles = functions.map(({ name, url }) =>
    url === 'node:inspector' && name === 'post' ? 'profiler' : isProbe(url) ? 'probe' : 'program',
  );
  const anywhere = new Array<PlacedFrame | undefined>(functions.length).fill(undefined);
  const underBuiltin = new Array<PlacedFrame | undefined>(functions.length).fill(undefined);
  return {
    roleOf: (at: number) => roles[at],
    of(at: number, above: FrameKind | undefined): PlacedFrame {
      const one = functions[at] ?? NO_FUNCTION;
      // Code without a file depends on its caller.
      const known = one.url === '' && above === 'builtin' ? underBuiltin : anywhere;
      const placed = known[at];
      if (placed !== undefined) return placed;
      const { name, url, line, column } = one;
      const frame = frameOfCallFrame(
        { functionName: name, url, lineNumber: line, columnNumber: column },
        above,
      );
      return (known[at] = { index: builder.frame(frame), kind: frame.kind });
    },
  };
}

const NO_FUNCTION: V8Function = { name: '', url: '', line: -1, column: -1 };

function isProbe(url: string): boolean {
  return url.endsWith(PROBE_FILE_NAME) && url.split(/[\\/]/).at(-1) === PROBE_FILE_NAME;
}

/** The node that takes a probe's weight: its caller, or "(program)" when the probe was called by the event loop itself. */
function holderOf(builder: ProfileBuilder, parent: number, above: FrameKind | undefined): number {
  if (above !== undefined && above !== 'root') return parent;
  return builder.node(parent, builder.frame({ name: '(program)', kind: 'program' }));
}

/** Ticks say how a node's samples fall on lines; scaled, so that lines add up to the node's weight. */
function addLines(
  builder: ProfileBuilder,
  target: number,
  { ticksFrom, tickLines, ticks }: V8Nodes,
  node: number,
  self: number,
): void {
  const from = ticksFrom[node] ?? 0;
  const to = ticksFrom[node + 1] ?? 0;
  let all = 0;
  for (let at = from; at < to; at++) all += ticks[at] ?? 0;
  if (all <= 0) return;
  for (let at = from; at < to; at++)
    builder.addLine(target, tickLines[at] ?? 0, (self * (ticks[at] ?? 0)) / all);
}

/** A whole profile, as it was parsed. */
export function readCapture(profile: unknown): V8Capture | undefined {
  if (!isObject(profile) || !isArray(profile.nodes)) return undefined;
  return readCaptureOf(
    profile,
    readNodes(profile.nodes),
    isArray(profile.samples) ? profile.samples : [],
    isArray(profile.timeDeltas) ? profile.timeDeltas : undefined,
  );
}

export function readCaptureOf(
  { startTime, endTime }: Json,
  nodes: V8Nodes,
  samples: V8Capture['samples'],
  timeDeltas: V8Capture['timeDeltas'],
): V8Capture {
  const durationUs = Math.max(0, numberOr(endTime, 0) - numberOr(startTime, 0));
  return { nodes, samples, timeDeltas, durationUs };
}
