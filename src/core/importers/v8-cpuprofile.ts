import { InputError } from '../errors.ts';
import type { Warning } from '../model/warning.ts';
import { WARNINGS } from '../warnings.ts';
import { createProfileBuilder } from '../profile/builder.ts';
import type { ProfileBuilder } from '../profile/builder.ts';
import type { Frame, FrameKind } from '../profile/model.ts';
import { packageOf } from '../profile/package-of.ts';
import { isLanguageBuiltin } from '../profile/runtime-calls.ts';
import type { ImportSource, ImportedProfile, ProfileImporter } from './importer.ts';

/**
 * Chrome's .cpuprofile: `Profiler.Profile` of the DevTools protocol
 * (https://chromedevtools.github.io/devtools-protocol/v8/Profiler/#type-Profile), as written by node --cpu-prof,
 * the inspector and Chrome. Supported is the flat form (`nodes` with child ids); the nested `head` form of Chrome
 * before 2016 is refused by name.
 *
 * A sample weighs the time delta that stands at its place: `timeDeltas[i]` is the time in µs between sample i-1 (for
 * the first one: `startTime`) and sample i. The sampler is a wall clock, so a blocked thread has weight as well.
 */
export const v8CpuProfile: ProfileImporter = {
  id: 'v8-cpuprofile',
  title: 'V8 CPU profile (.cpuprofile)',
  detect({ text, fileName }) {
    if (fileName !== undefined && /\.cpuprofile$/i.test(fileName)) return true;
    if (!/^\uFEFF?\s*\{/.test(text)) return false;
    if (text.includes('"nodes"')) return text.includes('"callFrame"');
    // A sampling heap profile has a "head" as well, with sizes.
    return text.includes('"head"') && text.includes('"functionName"') && !text.includes('"selfSize"');
  },
  parse(source) {
    return convert(readShape(source), shownName(source));
  },
};

/** The file that our probe has in a target. Its frames are the price of looking, not the program. */
export const PROBE_FILE_NAME = 'probe.cjs';

interface CallFrame {
  readonly functionName: string;
  readonly url: string;
  /** 0-based; -1 for code without a place. */
  readonly lineNumber: number;
  readonly columnNumber: number;
}

interface V8Node {
  readonly id: number;
  readonly callFrame: CallFrame;
  readonly hitCount: number;
  readonly children: readonly number[];
  /** Some producers give the parent in place of the children. */
  readonly parent: number | undefined;
  /** 1-based lines. */
  readonly positionTicks: readonly { readonly line: number; readonly ticks: number }[];
}

interface V8Profile {
  readonly nodes: readonly V8Node[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[] | undefined;
  readonly durationUs: number;
}

function shownName({ fileName }: ImportSource): string {
  return fileName === undefined ? 'The CPU profile' : `The CPU profile "${fileName}"`;
}

function refuse(message: string, fix: string): InputError {
  return new InputError('invalid_arguments', message, { fix });
}

const CAPTURE_AGAIN =
  'Capture it again, e.g. with find_bottlenecks, or with node --cpu-prof and a clean exit.';

// ---- shape ---------------------------------------------------------------------------------------------------

type Json = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function readNumber(value: unknown, otherwise: number): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : otherwise;
}

function readNumbers(value: unknown): readonly number[] | undefined {
  return Array.isArray(value) ? value.map((item: unknown) => readNumber(item, 0)) : undefined;
}

function readShape(source: ImportSource): V8Profile {
  const shown = shownName(source);
  let parsed: unknown;
  try {
    parsed = JSON.parse(source.text.replace(/^\uFEFF/, ''));
  } catch {
    const complete = source.text.trimEnd().endsWith('}');
    throw refuse(
      complete
        ? `${shown} is not valid JSON.`
        : `${shown} is cut off: it ends after ${source.text.length} characters in the middle of its JSON.`,
      CAPTURE_AGAIN,
    );
  }
  if (!isObject(parsed)) throw refuse(`${shown} is JSON, but not an object.`, CAPTURE_AGAIN);
  if (isObject(parsed.head) && parsed.nodes === undefined) {
    throw refuse(
      `${shown} has the nested "head" form of Chrome before 2016, which is not read.`,
      'Capture it with Node.js 8 or newer, or convert it to the form with "nodes".',
    );
  }
  if (!Array.isArray(parsed.nodes) || parsed.nodes.length === 0) {
    throw refuse(`${shown} has no "nodes": it is not a V8 CPU profile, or an empty one.`, CAPTURE_AGAIN);
  }
  const nodes = parsed.nodes.map((node: unknown, index) => readNode(node, index, shown));
  const samples = readNumbers(parsed.samples);
  if (samples === undefined || samples.length === 0) {
    throw refuse(
      `${shown} has ${nodes.length} nodes but no samples: the profiler ran too short or was stopped before its first sample.`,
      'Profile for longer, at least one second with the usual interval of 1 ms.',
    );
  }
  return {
    nodes,
    samples,
    timeDeltas: readNumbers(parsed.timeDeltas),
    durationUs: Math.max(0, readNumber(parsed.endTime, 0) - readNumber(parsed.startTime, 0)),
  };
}

function readNode(node: unknown, index: number, shown: string): V8Node {
  if (!isObject(node) || typeof node.id !== 'number' || !isObject(node.callFrame)) {
    throw refuse(
      `${shown} has a node without "id" or "callFrame" (nodes[${index}]): it is not a V8 CPU profile.`,
      CAPTURE_AGAIN,
    );
  }
  const { callFrame } = node;
  const ticks: readonly unknown[] = Array.isArray(node.positionTicks) ? node.positionTicks : [];
  return {
    id: node.id,
    callFrame: {
      functionName: typeof callFrame.functionName === 'string' ? callFrame.functionName : '',
      url: typeof callFrame.url === 'string' ? callFrame.url : '',
      lineNumber: readNumber(callFrame.lineNumber, -1),
      columnNumber: readNumber(callFrame.columnNumber, -1),
    },
    hitCount: readNumber(node.hitCount, 0),
    children: readNumbers(node.children) ?? [],
    parent: typeof node.parent === 'number' ? node.parent : undefined,
    positionTicks: ticks.flatMap((tick) =>
      isObject(tick) && typeof tick.line === 'number' && typeof tick.ticks === 'number'
        ? [{ line: tick.line, ticks: tick.ticks }]
        : [],
    ),
  };
}

// ---- conversion ----------------------------------------------------------------------------------------------

interface Weights {
  readonly weight: ReadonlyMap<number, number>;
  readonly count: ReadonlyMap<number, number>;
  readonly warnings: readonly Warning[];
}

function weighSamples({ samples, timeDeltas, durationUs, nodes }: V8Profile): Weights {
  const known = new Set(nodes.map(({ id }) => id));
  const weight = new Map<number, number>();
  const count = new Map<number, number>();
  const warnings: Warning[] = [];
  let negative = 0;
  let unknown = 0;
  const even = durationUs > 0 ? durationUs / samples.length : 1000;
  samples.forEach((id, index) => {
    if (!known.has(id)) {
      unknown += 1;
      return;
    }
    const delta = timeDeltas === undefined ? even : (timeDeltas[index] ?? 0);
    if (delta < 0) negative += 1;
    weight.set(id, (weight.get(id) ?? 0) + Math.max(0, delta));
    count.set(id, (count.get(id) ?? 0) + 1);
  });
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
  return { weight, count, warnings };
}

function convert(profile: V8Profile, shown: string): ImportedProfile {
  const { weight, count, warnings } = weighSamples(profile);
  const byId = new Map(profile.nodes.map((node) => [node.id, node]));
  const { roots, children } = linkNodes(profile.nodes, byId);
  const builder = createProfileBuilder('wall_us');
  /** A node still to be placed, under which node of the result, and in which frame that is. */
  interface Pending {
    readonly node: V8Node;
    readonly parent: number;
    readonly above: Frame | undefined;
  }
  // Children go on the stack in reverse, so that the result keeps the order of the file.
  const stack: Pending[] = roots.map((node) => ({ node, parent: -1, above: undefined })).reverse();
  let placed = 0;
  let discardedUs = 0;
  const discard = (top: V8Node) => {
    const below = [top];
    for (let node = below.pop(); node !== undefined; node = below.pop()) {
      placed += 1;
      discardedUs += weight.get(node.id) ?? 0;
      for (const child of children.get(node.id) ?? []) below.push(child);
    }
  };
  for (let item = stack.pop(); item !== undefined; item = stack.pop()) {
    const { node, parent, above } = item;
    placed += 1;
    const self = weight.get(node.id) ?? 0;
    const samples = count.get(node.id) ?? 0;
    let target = parent;
    let frame = above;
    if (isProfiler(node)) {
      placed -= 1;
      discard(node);
      continue;
    }
    if (isProbe(node)) {
      if (self > 0 || samples > 0) builder.addSelf(holderOf(builder, parent, above), self, samples);
    } else {
      frame = frameOf(node.callFrame, above);
      target = builder.node(parent, builder.frame(frame));
      builder.addSelf(target, self, samples);
      addLines(builder, target, node, self);
    }
    for (const child of [...(children.get(node.id) ?? [])].reverse())
      stack.push({ node: child, parent: target, above: frame });
  }
  if (placed < profile.nodes.length) {
    throw refuse(
      `${shown} has ${profile.nodes.length - placed} nodes that no root leads to: its tree has a cycle.`,
      CAPTURE_AGAIN,
    );
  }
  return {
    profile: builder.build([]),
    warnings: discardedUs > 0 ? [...warnings, WARNINGS.profile_of_profiler(discardedUs / 1000)] : warnings,
  };
}

/** Children of each node in the order of the file, and the nodes that nobody has as a child. */
function linkNodes(
  nodes: readonly V8Node[],
  byId: ReadonlyMap<number, V8Node>,
): {
  readonly roots: readonly V8Node[];
  readonly children: ReadonlyMap<number, readonly V8Node[]>;
} {
  const children = new Map<number, V8Node[]>();
  const taken = new Set<number>();
  const link = (parent: number, child: V8Node) => {
    if (taken.has(child.id)) return;
    taken.add(child.id);
    const siblings = children.get(parent);
    if (siblings === undefined) children.set(parent, [child]);
    else siblings.push(child);
  };
  for (const node of nodes) {
    for (const id of node.children) {
      const child = byId.get(id);
      if (child !== undefined) link(node.id, child);
    }
    if (node.parent !== undefined && byId.has(node.parent)) link(node.parent, node);
  }
  return { roots: nodes.filter(({ id }) => !taken.has(id)), children };
}

/** Starting and stopping the profiler takes tens of ms and happens inside the profile; nothing below it is the program. */
function isProfiler({ callFrame }: V8Node): boolean {
  return callFrame.url === 'node:inspector' && callFrame.functionName === 'post';
}

function isProbe({ callFrame }: V8Node): boolean {
  return callFrame.url.split(/[\\/]/).at(-1) === PROBE_FILE_NAME;
}

/** The node that takes a probe's weight: its caller, or "(program)" when the probe was called by the event loop itself. */
function holderOf(builder: ProfileBuilder, parent: number, above: Frame | undefined): number {
  if (above !== undefined && above.kind !== 'root') return parent;
  return builder.node(parent, builder.frame({ name: '(program)', kind: 'program' }));
}

/** Ticks say how a node's samples fall on lines; scaled, so that lines add up to the node's weight. */
function addLines(builder: ProfileBuilder, target: number, node: V8Node, self: number): void {
  const ticks = node.positionTicks.reduce((sum, tick) => sum + tick.ticks, 0);
  if (ticks <= 0 || self <= 0) return;
  for (const tick of node.positionTicks) builder.addLine(target, tick.line, (self * tick.ticks) / ticks);
}

const PSEUDO_FRAMES: Readonly<Record<string, FrameKind>> = {
  '(root)': 'root',
  '(program)': 'program',
  '(idle)': 'idle',
  '(garbage collector)': 'gc',
};

function frameOf(callFrame: CallFrame, above: Frame | undefined): Frame {
  const name = callFrame.functionName === '' ? '(anonymous)' : callFrame.functionName;
  if (callFrame.url === '') {
    const pseudo = Object.hasOwn(PSEUDO_FRAMES, name) ? PSEUDO_FRAMES[name] : undefined;
    if (pseudo !== undefined) return { name, kind: pseudo };
    // Code of V8 that JavaScript calls by name; under a node: module the same name is a binding of that module
    // (`parse`, `exec` and `test` exist on both sides).
    const ofLanguage = isLanguageBuiltin(name) && above?.kind !== 'builtin';
    return ofLanguage ? { name, kind: 'builtin', package: 'node' } : { name, kind: 'native' };
  }
  const place = {
    ...(callFrame.lineNumber >= 0 ? { line: callFrame.lineNumber + 1 } : {}),
    ...(callFrame.columnNumber >= 0 ? { column: callFrame.columnNumber + 1 } : {}),
  };
  if (/^(node:|internal\/)/.test(callFrame.url))
    return { name, kind: 'builtin', file: callFrame.url, ...place, package: 'node' };
  const file = decodeFileUrl(callFrame.url);
  const owner = packageOf(file);
  return { name, kind: 'js', file, ...place, ...(owner === undefined ? {} : { package: owner }) };
}

/** `file:///a%20b/c.mjs?v=2` is the file "/a b/c.mjs"; other URLs stay as they are. */
function decodeFileUrl(url: string): string {
  if (!url.startsWith('file://')) return url;
  const path = url.slice('file://'.length).replace(/[?#].*$/, '');
  // A drive letter follows the slash on Windows.
  const local = /^\/[A-Za-z]:\//.test(path) ? path.slice(1) : path;
  try {
    return decodeURIComponent(local);
  } catch {
    return local;
  }
}
