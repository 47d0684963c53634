import { shareOf } from '../profile/analyze.ts';
import type { ProfileAnalysis } from '../profile/analyze.ts';
import { displayFile } from '../profile/display-file.ts';
import type { Frame } from '../profile/model.ts';
import { codeOfLine } from './source-reading.ts';

/** What a kind of work looks like in a profile, by its frames and by the text of the lines that do it. */
export interface WorkTraits {
  /** Everything below such a frame is this work too, until code of the project is called again. */
  readonly isWork: (frame: Frame) => boolean;
  /** Of lines of the project that are self time of a function which is no work by its frame. */
  readonly isWorkLine?: (code: string) => boolean;
}

/** Work with the function of the project that asked for it, however many functions of packages lie between. */
export interface ChargedWork {
  /** Index into the frames: of the project; of a package where nothing of the project is on the stack. */
  readonly owner: number;
  readonly weight: number;
  /** Of busy weight, [0, 1]. */
  readonly share: number;
  /** Frame index -> weight that ended there. */
  readonly parts: ReadonlyMap<number, number>;
  readonly lines: readonly number[];
  readonly seenBy: 'frame' | 'line';
}

export interface WorkInProfile {
  /** Heaviest first. */
  readonly charged: readonly ChargedWork[];
  /** By node: the weight that is this work. */
  readonly weights: Float64Array;
  /** Of busy weight, [0, 1]. */
  readonly share: number;
}

interface Open {
  weight: number;
  byFrames: number;
  readonly parts: Map<number, number>;
  readonly lines: Set<number>;
}

/** Walks down once: a parent stands before its children. */
export function chargeWork(
  { profile, totals, roots }: ProfileAnalysis,
  { isWork, isWorkLine }: WorkTraits,
  sources: ReadonlyMap<string, readonly string[]>,
): WorkInProfile {
  const { parent, frame, self } = profile.nodes;
  const isWorkFrame = profile.frames.map(isWork);
  const texts = profile.frames.map(({ file }) =>
    isWorkLine === undefined || file === undefined ? undefined : sources.get(displayFile(file, roots)),
  );
  /** By node: the nearest function of the project, and of anything that is not this work; -1 for none. */
  const project = new Int32Array(parent.length).fill(-1);
  const outside = new Int32Array(parent.length).fill(-1);
  const inside = new Uint8Array(parent.length);
  const weights = new Float64Array(parent.length);
  const byOwner = new Map<number, Open>();
  for (let node = 0; node < parent.length; node++) {
    const above = parent[node] ?? -1;
    const index = frame[node] ?? 0;
    const own = profile.frames[index];
    project[node] = above < 0 ? -1 : (project[above] ?? -1);
    outside[node] = above < 0 ? -1 : (outside[above] ?? -1);
    if (own === undefined) continue;
    const isProject = own.kind === 'js' && own.package === undefined;
    inside[node] = isWorkFrame[index] === true || (above >= 0 && inside[above] === 1 && !isProject) ? 1 : 0;
    if (inside[node] === 0 && own.kind === 'js') {
      outside[node] = index;
      if (isProject) project[node] = index;
    }
    const lines = inside[node] === 1 ? [] : workLines(own, texts[index], profile.lines.get(node), isWorkLine);
    const weight = inside[node] === 1 ? (self[node] ?? 0) : lines.reduce((sum, line) => sum + line.weight, 0);
    if (weight <= 0) continue;
    weights[node] = weight;
    const owner = [project[node] ?? -1, outside[node] ?? -1].find((candidate) => candidate >= 0) ?? index;
    const open = byOwner.get(owner) ?? {
      weight: 0,
      byFrames: 0,
      parts: new Map<number, number>(),
      lines: new Set<number>(),
    };
    open.weight += weight;
    if (inside[node] === 1) open.byFrames += weight;
    open.parts.set(index, (open.parts.get(index) ?? 0) + weight);
    for (const { line } of lines) if (index === owner) open.lines.add(line);
    byOwner.set(owner, open);
  }
  const charged = [...byOwner]
    .map(([owner, { weight, byFrames, parts, lines }]): ChargedWork => ({
      owner,
      weight,
      share: shareOf(weight, totals.busy),
      parts,
      lines: [...lines].sort((a, b) => a - b),
      seenBy: byFrames >= 0.5 * weight ? 'frame' : 'line',
    }))
    .sort((a, b) => b.weight - a.weight);
  return { charged, weights, share: charged.reduce((sum, { share }) => sum + share, 0) };
}

function workLines(
  frame: Frame,
  text: readonly string[] | undefined,
  lines: ReadonlyMap<number, number> | undefined,
  isWorkLine: WorkTraits['isWorkLine'],
): readonly { readonly line: number; readonly weight: number }[] {
  if (text === undefined || lines === undefined || isWorkLine === undefined) return [];
  if (frame.kind !== 'js' || frame.package !== undefined) return [];
  return [...lines]
    .filter(([line]) => isWorkLine(codeOfLine(text, line, frame)))
    .map(([line, weight]) => ({ line, weight }));
}

/** How many functions of the project above the one that asked are looked at. */
const MOST_CALLERS = 4;

/** The nearest function of the project under which (nearly) all of this work happens, among those that pass. */
export function findCommonCaller(
  { profile }: ProfileAnalysis,
  { weights }: WorkInProfile,
  passes: (frame: Frame) => boolean,
  wholeShare = 0.9,
): number | undefined {
  const { parent, frame } = profile.nodes;
  const seen = new Map<number, { weight: number; distance: number }>();
  let whole = 0;
  weights.forEach((weight, start) => {
    if (weight <= 0) return;
    whole += weight;
    const met = new Set<number>();
    for (let node = start; node >= 0 && met.size < MOST_CALLERS; node = parent[node] ?? -1) {
      const index = frame[node] ?? 0;
      const own = profile.frames[index];
      if (own?.kind !== 'js' || own.package !== undefined || met.has(index)) continue;
      const sum = seen.get(index) ?? { weight: 0, distance: 0 };
      sum.weight += weight;
      sum.distance += weight * met.size;
      seen.set(index, sum);
      met.add(index);
    }
  });
  const [nearest] = [...seen]
    .filter(([index, { weight }]) => {
      const own = profile.frames[index];
      return weight >= wholeShare * whole && own !== undefined && passes(own);
    })
    .sort(([, a], [, b]) => a.distance / a.weight - b.distance / b.weight);
  return nearest?.[0];
}
