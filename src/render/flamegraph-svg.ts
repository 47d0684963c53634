import { childrenOf } from '../core/profile/call-tree.ts';
import { shareOf } from '../core/profile/analyze.ts';
import type { ProfileAnalysis } from '../core/profile/analyze.ts';
import { displayFile } from '../core/profile/display-file.ts';
import { labelFrame } from '../core/profile/frame-label.ts';
import type { Frame } from '../core/profile/model.ts';
import { escapeXml } from './escape-xml.ts';
import { formatShare } from './number.ts';

export interface FlamegraphOptions {
  readonly title: string;
  /** px; default 1200. */
  readonly width?: number;
  /** Rows below this are cut; default 50. */
  readonly maxDepth?: number;
}

/** A rectangle narrower than this cannot be seen and only makes the file big. Unit: px. */
const MIN_WIDTH = 0.4;
const ROW = 17;
const MARGIN = 10;
const HEADER = 46;
const FONT_SIZE = 11;
/** Width of a character of a monospace font at FONT_SIZE, in px. */
const CHARACTER = 6.7;
/** A frame that passes this much of its time to its only child tells nothing by itself. */
const PASS_THROUGH = 0.98;

const GROUPS = {
  user: { label: 'project', hue: 28, saturation: 90 },
  package: { label: 'packages', hue: 262, saturation: 45 },
  node: { label: 'Node.js', hue: 145, saturation: 35 },
  gc: { label: 'garbage collection', hue: 355, saturation: 70 },
  other: { label: 'native and other', hue: 210, saturation: 8 },
} as const;
type Group = keyof typeof GROUPS;

const UNKNOWN: Frame = { name: '(unknown)', kind: 'program' };

interface Box {
  readonly x: number;
  readonly depth: number;
  readonly width: number;
  readonly label: string;
  readonly tooltip: string;
  readonly fill: string;
}

/** What colours of an icicle mean. */
export interface Paint {
  readonly legend: readonly { readonly label: string; readonly fill: string }[];
  /** Beside the legend. */
  readonly note: string;
  readonly fillOf: (frameIndex: number, label: string) => string;
  /** A line of the tooltip, beside shares. */
  readonly tellOf?: (frameIndex: number) => string | undefined;
}

/** Who owns the code, by colour. */
export function renderFlamegraph(analysis: ProfileAnalysis, options: FlamegraphOptions): string {
  const { frames } = analysis.profile;
  return renderIcicle(analysis, options, {
    legend: Object.values(GROUPS).map(({ label, hue, saturation }) => ({
      label,
      fill: `hsl(${hue}, ${saturation}%, 74%)`,
    })),
    note: `${analysis.totals.busySamples} busy samples`,
    fillOf: (index, label) => colourOf(groupOf(frames[index] ?? UNKNOWN), label),
  });
}

/**
 * An icicle of busy time (roots on top, width is time) as a self-contained SVG: no script, no font, no link, so that
 * it may be shown anywhere. The same profile gives the same bytes. Frames keep no order of time: siblings stand by
 * weight.
 */
export function renderIcicle(analysis: ProfileAnalysis, options: FlamegraphOptions, paint: Paint): string {
  const width = options.width ?? 1200;
  const boxes = layOut(analysis, paint, width - 2 * MARGIN, options.maxDepth ?? 50);
  const depth = boxes.reduce((deepest, box) => Math.max(deepest, box.depth + 1), 1);
  const height = HEADER + depth * ROW + MARGIN;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="${FONT_SIZE}">`,
    `<title>${escapeXml(options.title)}</title>`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    `<text x="${MARGIN}" y="18" font-size="13" fill="#222222">${escapeXml(options.title)}</text>`,
    renderLegend(paint),
    ...boxes.map(renderBox),
    ...(boxes.length === 0
      ? [`<text x="${MARGIN}" y="${HEADER + 12}" fill="#555555">No busy time in this profile.</text>`]
      : []),
    '</svg>',
    '',
  ].join('\n');
}

interface Open {
  readonly node: number;
  readonly x: number;
  readonly depth: number;
  readonly caller: Frame | undefined;
}

function layOut(analysis: ProfileAnalysis, paint: Paint, width: number, maxDepth: number): readonly Box[] {
  const { profile, tree, totals } = analysis;
  if (totals.busy <= 0) return [];
  const pixels = width / totals.busy;
  const boxes: Box[] = [];
  const frameAt = (node: number): Frame => profile.frames[profile.nodes.frame[node] ?? 0] ?? UNKNOWN;
  const weightAt = (node: number) => tree.weight[node] ?? 0;
  const byWeight = (nodes: readonly number[]) =>
    nodes.filter((node) => frameAt(node).kind !== 'idle').sort((a, b) => weightAt(b) - weightAt(a) || a - b);
  const pending: Open[] = [];
  const open = (nodes: readonly number[], x: number, depth: number, caller: Frame | undefined) => {
    let left = x;
    const opened: Open[] = [];
    for (const node of byWeight(nodes)) {
      if (weightAt(node) * pixels < MIN_WIDTH) break;
      opened.push({ node, x: left, depth, caller });
      left += weightAt(node) * pixels;
    }
    pending.push(...opened.reverse());
  };
  const roots: number[] = [];
  for (let root = tree.firstRoot; root >= 0; root = tree.nextSibling[root] ?? -1) roots.push(root);
  // The root frame has the whole width and says nothing; its children are the first row.
  open(
    roots.flatMap((root) => (frameAt(root).kind === 'root' ? childrenOf(tree, root) : [root])),
    0,
    0,
    undefined,
  );
  for (let item = pending.pop(); item !== undefined; item = pending.pop()) {
    if (item.depth >= maxDepth) continue;
    const chain = followChain(item.node, frameAt, weightAt, (node) => byWeight(childrenOf(tree, node)));
    const { node, folded } = chain;
    const frame = frameAt(node);
    const name = labelFrame(frame, folded.at(-1) ?? item.caller);
    const frameIndex = profile.nodes.frame[node] ?? 0;
    const label = folded.length === 0 ? name : `… ${name}`;
    const more = paint.tellOf?.(frameIndex);
    boxes.push({
      x: item.x,
      depth: item.depth,
      width: weightAt(node) * pixels,
      label,
      tooltip: [
        describe(analysis, name, frame, weightAt(node), profile.nodes.self[node] ?? 0, folded),
        ...(more === undefined ? [] : [more]),
      ].join('\n'),
      fill: paint.fillOf(frameIndex, label),
    });
    open(childrenOf(tree, node), item.x, item.depth + 1, frame);
  }
  return boxes;
}

/** Folds frames of packages and of Node.js that only pass their time on into the frame that receives it. */
function followChain(
  start: number,
  frameAt: (node: number) => Frame,
  weightAt: (node: number) => number,
  childrenAt: (node: number) => readonly number[],
): { readonly node: number; readonly folded: readonly Frame[] } {
  const folded: Frame[] = [];
  let node = start;
  for (;;) {
    const [child] = childrenAt(node);
    const isFramework = groupOf(frameAt(node)) !== 'user';
    // Only into another frame of the framework: the step into the project's code must stay visible as a step.
    if (
      child === undefined ||
      !isFramework ||
      groupOf(frameAt(child)) === 'user' ||
      weightAt(child) < PASS_THROUGH * weightAt(node)
    )
      return { node, folded };
    folded.push(frameAt(node));
    node = child;
  }
}

function describe(
  analysis: ProfileAnalysis,
  name: string,
  frame: Frame,
  weight: number,
  self: number,
  folded: readonly Frame[],
): string {
  const { busy } = analysis.totals;
  const place =
    frame.file === undefined
      ? ''
      : ` ${displayFile(frame.file, analysis.roots)}${frame.line === undefined ? '' : `:${frame.line}`}`;
  const through = folded.length === 0 ? '' : `\nthrough ${folded.map((step) => step.name).join(' › ')}`;
  return `${name}${place}\n${formatShare(shareOf(weight, busy))} of busy time, self ${formatShare(shareOf(self, busy))}${through}`;
}

function groupOf(frame: Frame): Group {
  if (frame.kind === 'gc') return 'gc';
  if (frame.kind === 'builtin') return 'node';
  if (frame.kind === 'js') return frame.package === undefined ? 'user' : 'package';
  return 'other';
}

/** Neighbours differ a little in lightness, by name, so that the same function looks alike everywhere. */
function colourOf(group: Group, name: string): string {
  const { hue, saturation } = GROUPS[group];
  let hash = 0;
  for (const character of name) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 997;
  return `hsl(${hue}, ${saturation}%, ${68 + (hash % 13)}%)`;
}

function renderBox({ x, depth, width, label, tooltip, fill }: Box): string {
  const left = round(MARGIN + x);
  const top = HEADER + depth * ROW;
  const fits = Math.floor((width - 6) / CHARACTER);
  const characters = Array.from(label);
  const shown =
    fits < 3 ? '' : characters.length <= fits ? label : `${characters.slice(0, fits - 1).join('')}…`;
  const text =
    shown === ''
      ? ''
      : `<text x="${round(left + 3)}" y="${top + 12}" fill="#1a1a1a" pointer-events="none">${escapeXml(shown)}</text>`;
  return `<g><title>${escapeXml(tooltip)}</title><rect x="${left}" y="${top}" width="${round(width)}" height="${ROW - 1}" fill="${fill}"/>${text}</g>`;
}

function renderLegend({ legend, note }: Paint): string {
  let x = MARGIN;
  const parts = legend.map(({ label, fill }) => {
    const at = x;
    x += 16 + (label.length + 2) * CHARACTER;
    return `<rect x="${round(at)}" y="27" width="11" height="11" fill="${fill}"/><text x="${round(at + 15)}" y="37" fill="#444444">${escapeXml(label)}</text>`;
  });
  return `${parts.join('')}<text x="${round(x)}" y="37" fill="#888888">${escapeXml(note)}</text>`;
}

function round(pixels: number): number {
  return Math.round(pixels * 100) / 100;
}
