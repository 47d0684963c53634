import type { Warning } from '../model/warning.ts';
import { createProfileBuilder } from '../profile/builder.ts';
import type { ProfileBuilder } from '../profile/builder.ts';
import { WARNINGS } from '../warnings.ts';
import type { ImportedProfile } from './importer.ts';
import type { ImportSource } from './import-source.ts';
import { isObject, listOf, numberOr, textOr } from './json-shape.ts';
import { refuse } from './refuse.ts';
import { frameOfCallFrame } from './v8-frame.ts';
import type { FrameKind } from '../profile/model.ts';

/** The file that our probe has in a target. Its frames are the price of looking, not the program. */
export const PROBE_FILE_NAME = 'probe.cjs';

/**
 * What V8's sampler recorded, as it stands in a .cpuprofile and, in pieces, in a trace of Chrome: members are read where
 * they lie, since a copy of a 100 MB profile in objects of our own takes longer than parsing it.
 */
export interface V8Capture {
  /** `ProfileNode`s with `children` ids, or with the id of the `parent`. */
  readonly nodes: readonly unknown[];
  /** Ids of nodes. */
  readonly samples: readonly unknown[];
  /** µs; `timeDeltas[i]` lies between sample i-1 (for the first one: the start) and sample i. */
  readonly timeDeltas: readonly unknown[] | undefined;
  readonly durationUs: number;
}

export const CAPTURE_AGAIN =
  'Capture it again, e.g. with find_bottlenecks, or with node --cpu-prof and a clean exit.';

export function convertCapture(capture: V8Capture, source: ImportSource): ImportedProfile {
  const places = indexNodes(capture.nodes, source);
  const weights = weighSamples(capture, places);
  const { firstChild, nextSibling, roots } = linkNodes(capture.nodes, places);
  const builder = createProfileBuilder('wall_us');
  const frames = createFrameCache(builder);
  const count = capture.nodes.length;
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
    const { name, url, line, column, ticks } = readNode(capture.nodes[node]);
    if (url === 'node:inspector' && name === 'post') {
      // Starting and stopping the profiler takes tens of ms and happens inside the profile; nothing below is the program.
      discard(node);
      continue;
    }
    placed += 1;
    const self = weights.weight[node] ?? 0;
    const samples = weights.count[node] ?? 0;
    if (isProbe(url)) {
      target[node] = under;
      kinds[node] = kindAbove;
      if (self > 0 || samples > 0) builder.addSelf(holderOf(builder, under, kindAbove), self, samples);
    } else {
      const frame = frames(name, url, line, column, kindAbove);
      const at = builder.node(under, frame.index);
      target[node] = at;
      kinds[node] = frame.kind;
      builder.addSelf(at, self, samples);
      const interrupted = weights.collections.get(node);
      if (interrupted !== undefined && isCode(frame.kind)) builder.addCollection(at, interrupted);
      if (self > 0 && ticks !== undefined) addLines(builder, at, ticks, self);
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

// ---- ids -------------------------------------------------------------------------------------------------------

/** From the id of a node to its place in the file, -1 for none. */
type Places = (id: unknown) => number;

/** V8 numbers nodes from 1 on without gaps, so a table does; producers with other ids get a Map. */
function indexNodes(nodes: readonly unknown[], source: ImportSource): Places {
  const table = new Int32Array(2 * nodes.length + 16).fill(-1);
  const others = new Map<number, number>();
  for (let at = 0; at < nodes.length; at++) {
    const node = nodes[at];
    if (!isObject(node) || typeof node.id !== 'number' || !isObject(node.callFrame)) {
      throw refuse(
        source,
        `has a node without "id" or "callFrame" (nodes[${at}]): it is not a V8 CPU profile`,
        CAPTURE_AGAIN,
      );
    }
    const { id } = node;
    if (Number.isInteger(id) && id >= 0 && id < table.length) table[id] = at;
    else others.set(id, at);
  }
  return (id) => {
    if (typeof id !== 'number') return -1;
    const inTable = table[id];
    return inTable ?? others.get(id) ?? -1;
  };
}

interface Links {
  /** In reverse order of the file. */
  readonly firstChild: Int32Array;
  readonly nextSibling: Int32Array;
  /** Nodes that nobody has as a child, in the order of the file. */
  readonly roots: readonly number[];
}

function linkNodes(nodes: readonly unknown[], places: Places): Links {
  const firstChild = new Int32Array(nodes.length).fill(-1);
  const nextSibling = new Int32Array(nodes.length).fill(-1);
  const taken = new Uint8Array(nodes.length);
  const link = (parent: number, child: number) => {
    if (taken[child] === 1) return;
    taken[child] = 1;
    nextSibling[child] = firstChild[parent] ?? -1;
    firstChild[parent] = child;
  };
  for (let at = 0; at < nodes.length; at++) {
    const node = nodes[at];
    if (!isObject(node)) continue;
    const { children, parent } = node;
    if (Array.isArray(children)) {
      for (const id of children as readonly unknown[]) {
        const child = places(id);
        if (child >= 0) link(at, child);
      }
    }
    // Some producers give the parent in place of the children.
    const caller = parent === undefined ? -1 : places(parent);
    if (caller >= 0) link(caller, at);
  }
  const roots: number[] = [];
  taken.forEach((is, at) => {
    if (is === 0) roots.push(at);
  });
  return { firstChild, nextSibling, roots };
}

// ---- weights ---------------------------------------------------------------------------------------------------

interface Weights {
  /** By node, µs. */
  readonly weight: Float64Array;
  readonly count: Uint32Array;
  /** By node that was sampled before it: µs of garbage collection. V8 puts collections beside the stack that they interrupt. */
  readonly collections: ReadonlyMap<number, number>;
  readonly warnings: readonly Warning[];
}

function weighSamples({ nodes, samples, timeDeltas, durationUs }: V8Capture, places: Places): Weights {
  const weight = new Float64Array(nodes.length);
  const count = new Uint32Array(nodes.length);
  const collections = new Map<number, number>();
  const collectors = findCollectors(nodes);
  let before = -1;
  const warnings: Warning[] = [];
  let negative = 0;
  let unknown = 0;
  const even = durationUs > 0 ? durationUs / samples.length : 1000;
  for (let index = 0; index < samples.length; index++) {
    const node = places(samples[index]);
    if (node < 0) {
      unknown += 1;
      continue;
    }
    const delta = timeDeltas === undefined ? even : numberOr(timeDeltas[index], 0);
    if (delta < 0) negative += 1;
    else weight[node] = (weight[node] ?? 0) + delta;
    count[node] = (count[node] ?? 0) + 1;
    if (!collectors.has(node)) before = node;
    else if (before >= 0 && delta > 0) collections.set(before, (collections.get(before) ?? 0) + delta);
  }
  if (timeDeltas === undefined) {
    warnings.push(WARNINGS.profile_without_times(samples.length));
  } else if (timeDeltas.length !== samples.length) {
    warnings.push(WARNINGS.profile_times_incomplete(samples.length, timeDeltas.length));
  }
  if (negative > 0) {
    warnings.push(WARNINGS.profile_negative_times(negative, samples.length));
  }
  if (unknown > 0) {
    warnings.push(WARNINGS.profile_unknown_nodes(unknown, samples.length));
  }
  return { weight, count, collections, warnings };
}

function findCollectors(nodes: readonly unknown[]): ReadonlySet<number> {
  const found = new Set<number>();
  nodes.forEach((node, at) => {
    const frame = isObject(node) ? node.callFrame : undefined;
    if (isObject(frame) && frame.functionName === '(garbage collector)') found.add(at);
  });
  return found;
}

/** What can allocate: a collection that follows an idle sample is of no function. */
function isCode(kind: FrameKind): boolean {
  return kind === 'js' || kind === 'builtin' || kind === 'native';
}

// ---- nodes -----------------------------------------------------------------------------------------------------

interface ReadNode {
  readonly name: string;
  readonly url: string;
  /** 0-based, -1 for none. */
  readonly line: number;
  readonly column: number;
  readonly ticks: readonly unknown[] | undefined;
}

function readNode(node: unknown): ReadNode {
  const { callFrame, positionTicks } = isObject(node) ? node : {};
  const { functionName, url, lineNumber, columnNumber } = isObject(callFrame) ? callFrame : {};
  return {
    name: textOr(functionName, ''),
    url: textOr(url, ''),
    line: numberOr(lineNumber, -1),
    column: numberOr(columnNumber, -1),
    ticks: Array.isArray(positionTicks) ? positionTicks : undefined,
  };
}

interface CachedFrame {
  readonly index: number;
  readonly kind: FrameKind;
}

/** A function stands in many nodes; what its frame is, is worked out once for each place in a file. */
function createFrameCache(
  builder: ProfileBuilder,
): (name: string, url: string, line: number, column: number, above: FrameKind | undefined) => CachedFrame {
  const byUrl = new Map<string, Map<string, Map<number, CachedFrame>>>();
  return (name, url, line, column, above) => {
    let byName = byUrl.get(url);
    if (byName === undefined) byUrl.set(url, (byName = new Map<string, Map<number, CachedFrame>>()));
    let byPlace = byName.get(name);
    if (byPlace === undefined) byName.set(name, (byPlace = new Map<number, CachedFrame>()));
    // Columns of minified code reach millions, lines too, but never both; code without a file depends on its caller.
    const place = url === '' ? (above === 'builtin' ? 1 : 0) : line * 2 ** 26 + column;
    const known = byPlace.get(place);
    if (known !== undefined) return known;
    const frame = frameOfCallFrame(
      { functionName: name, url, lineNumber: line, columnNumber: column },
      above,
    );
    const made = { index: builder.frame(frame), kind: frame.kind };
    byPlace.set(place, made);
    return made;
  };
}

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
  positionTicks: readonly unknown[],
  self: number,
): void {
  let all = 0;
  for (const tick of positionTicks) all += isTick(tick) ? tick.ticks : 0;
  if (all <= 0) return;
  for (const tick of positionTicks)
    if (isTick(tick)) builder.addLine(target, tick.line, (self * tick.ticks) / all);
}

/** 1-based lines. */
function isTick(tick: unknown): tick is { readonly line: number; readonly ticks: number } {
  return isObject(tick) && typeof tick.line === 'number' && typeof tick.ticks === 'number';
}

/** Ids of nodes and their times as they come, for producers that give them in pieces. */
export function readCapture(profile: unknown): V8Capture | undefined {
  if (!isObject(profile) || !Array.isArray(profile.nodes)) return undefined;
  return {
    nodes: profile.nodes,
    samples: listOf(profile.samples),
    timeDeltas: Array.isArray(profile.timeDeltas) ? profile.timeDeltas : undefined,
    durationUs: Math.max(0, numberOr(profile.endTime, 0) - numberOr(profile.startTime, 0)),
  };
}
