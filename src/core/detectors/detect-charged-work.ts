import type { Layer } from '../model/evidence.ts';
import type { FunctionCost, ProfileAnalysis } from '../profile/analyze.ts';
import { displayFile } from '../profile/display-file.ts';
import { chargeWork } from './charge-work.ts';
import type { ChargedWork, WorkInProfile, WorkTraits } from './charge-work.ts';
import type { Detector, DetectorInput, Finding } from './detector.ts';
import {
  describePlace,
  hasEnoughEvidence,
  isWorthReporting,
  judgeFunction,
  percent,
  sizeOfFunction,
} from './finding.ts';
import { measureFunctionsAt } from './measure-at.ts';

/** Work that packages or the runtime do, charged to the function of the project that asks for it. */
export interface ChargedWorkPattern extends WorkTraits {
  readonly id: string;
  readonly title: string;
  readonly layer: Layer;
  /** "Making templates", to be followed by "for render (…) takes 40 %". */
  readonly subject: string;
  /**
   * `together`: one finding for all of it, at the function that asks for most, because the remedy is one; else one for
   * each function that asks.
   */
  readonly together: boolean;
  readonly signals: (frames: readonly FunctionCost[]) => readonly string[];
  readonly confirm: (place: string) => string;
  /** Gives the place to another function than the one that asks. */
  readonly moveUp?: (input: DetectorInput, work: WorkInProfile) => number | undefined;
}

/** Functions that make less than this of busy time are not told. */
const TOLD_SHARE = 0.02;
const MOST_TOLD = 8;

export function detectChargedWork(pattern: ChargedWorkPattern): Detector {
  return {
    id: pattern.id,
    title: pattern.title,
    names: 'work',
    detect(input) {
      if (!hasEnoughEvidence(input)) return [];
      return findGroups(pattern, input).flatMap((work) => describe(pattern, input, work) ?? []);
    },
    measureAt: (input, location) =>
      measureFunctionsAt(input, location, (cost) =>
        findGroups(pattern, input)
          .filter(({ owner }) => owner === cost.frameIndex)
          .reduce((sum, { share }) => sum + share, 0),
      ),
  };
}

function findGroups(pattern: ChargedWorkPattern, input: DetectorInput): readonly ChargedWork[] {
  const work = chargeWork(input.attribution, pattern, input.sources);
  const [first] = work.charged;
  if (first === undefined) return [];
  const moved = pattern.moveUp?.(input, work);
  if (moved !== undefined) return [{ ...mergeAll(work), owner: moved }];
  return pattern.together ? [{ ...mergeAll(work), owner: first.owner, lines: first.lines }] : work.charged;
}

function mergeAll({ charged, share }: WorkInProfile): Omit<ChargedWork, 'owner'> {
  const parts = new Map<number, number>();
  for (const group of charged)
    for (const [frame, weight] of group.parts) parts.set(frame, (parts.get(frame) ?? 0) + weight);
  const weight = charged.reduce((sum, group) => sum + group.weight, 0);
  const byFrame = charged.filter(({ seenBy }) => seenBy === 'frame');
  return {
    weight,
    share,
    parts,
    lines: [],
    seenBy: byFrame.reduce((sum, group) => sum + group.weight, 0) >= 0.5 * weight ? 'frame' : 'line',
  };
}

function describe(pattern: ChargedWorkPattern, input: DetectorInput, work: ChargedWork): Finding | undefined {
  const { attribution } = input;
  const owner = attribution.functions.find(({ frameIndex }) => frameIndex === work.owner);
  if (owner === undefined) return undefined;
  const size = sizeOfFunction(input, owner, work.share);
  if (!isWorthReporting(size.share)) return undefined;
  const place = describePlace(owner);
  const parts = heaviestParts(attribution, work);
  return {
    kind: pattern.id,
    title: `${pattern.subject} ${place} takes ${percent(work.share)} of busy CPU time`,
    layer: pattern.layer,
    ...size,
    confidence: judgeFunction(input, owner, work.seenBy),
    signals: [
      ...new Set([
        ...pattern.signals(parts.map(({ cost }) => cost)),
        ...packageSignals(parts.map(({ cost }) => cost)),
        ...work.lines.map((line) => `line:${line}`),
        ...parts
          .filter(({ cost }) => cost.frame.kind === 'js' && cost.frameIndex !== work.owner)
          .map(({ cost }) => coversSignal(cost)),
      ]),
    ],
    detail: parts
      .slice(0, MOST_TOLD)
      .map(({ cost, share }) => `${describePlace(cost)}: ${percent(share)}`)
      .join('\n'),
    confirm: pattern.confirm(place),
  };
}

function heaviestParts(
  attribution: ProfileAnalysis,
  { parts, weight, share }: ChargedWork,
): readonly { readonly cost: FunctionCost; readonly share: number }[] {
  const costs = new Map(attribution.functions.map((cost) => [cost.frameIndex, cost]));
  return [...parts]
    .map(([frame, part]) => ({ cost: costs.get(frame), share: (share * part) / weight }))
    .flatMap((part) =>
      part.cost === undefined || part.share < TOLD_SHARE ? [] : [{ cost: part.cost, share: part.share }],
    )
    .sort((a, b) => b.share - a.share);
}

function packageSignals(costs: readonly FunctionCost[]): readonly string[] {
  return costs.flatMap(({ package: owner }) =>
    owner === undefined || owner === 'node' ? [] : [`package:${owner}`],
  );
}

/** Read by the rule that joins a finding about one of these functions to the work that it was done for. */
function coversSignal({ frame, file }: FunctionCost): string {
  return coveredPlace({ function: frame.name, file, line: frame.line });
}

/** How a place stands in the signal of a finding that covers it. */
export function coveredPlace(location: {
  readonly function?: string | undefined;
  readonly file?: string | undefined;
  readonly line?: number | undefined;
}): string {
  return `covers:${location.function ?? ''} ${location.file ?? ''}:${location.line ?? ''}`;
}

/** For patterns that look at a file as findings show it. */
export function shownFile(attribution: ProfileAnalysis, file: string): string {
  return displayFile(file, attribution.roots);
}
