import type { Layer } from '../model/evidence.ts';
import type { MetricName } from '../model/metrics.ts';
import type { FunctionCost } from '../profile/analyze.ts';
import type { RuntimeCategory } from '../profile/runtime-calls.ts';
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
import { seeWork } from './source-reading.ts';
import type { SeenWork } from './source-reading.ts';

/** What distinguishes detectors that look for one kind of work under JavaScript functions. */
export interface WorkPattern {
  readonly id: string;
  readonly title: string;
  readonly categories: readonly RuntimeCategory[];
  readonly layer: Layer;
  /** "JSON work", to be followed by "in render (…) takes 40 %". */
  readonly subject: string;
  readonly confirm: (place: string) => string;
  readonly extraMetrics?: readonly MetricName[];
  /** Drops a function's work, or adds signals and words to its finding. */
  readonly refine?: (work: readonly SeenWork[]) => Refinement | null;
}

export interface Refinement {
  readonly signals: readonly string[];
  readonly detail?: string;
  /** Set when the evidence for the kind of work is weaker than for the place. */
  readonly doubt?: string;
}

/** One finding for each function under which the work makes a visible part of busy time. */
export function detectWork(pattern: WorkPattern): Detector {
  return {
    id: pattern.id,
    title: pattern.title,
    names: 'work',
    detect(input) {
      if (!hasEnoughEvidence(input)) return [];
      return input.attribution.functions
        .filter((cost) => cost.frame.kind === 'js' && cost.own > 0)
        .flatMap((cost) => {
          const work = findWork(pattern, input, cost);
          const finding = describe(pattern, input, cost, work);
          return finding === null ? [] : [finding];
        });
    },
    measureAt: (input, location) =>
      measureFunctionsAt(input, location, (cost) => measureShare(cost, findWork(pattern, input, cost))),
  };
}

function findWork(pattern: WorkPattern, input: DetectorInput, cost: FunctionCost): readonly SeenWork[] {
  return seeWork(input.attribution, cost, input.sources).filter(({ category }) =>
    pattern.categories.includes(category),
  );
}

function describe(
  pattern: WorkPattern,
  input: DetectorInput,
  cost: FunctionCost,
  work: readonly SeenWork[],
): Finding | null {
  const share = measureShare(cost, work);
  const size = sizeOfFunction(input, cost, share, { metrics: pattern.extraMetrics ?? [] });
  if (!isWorthReporting(size.share)) return null;
  const refinement = pattern.refine === undefined ? { signals: [] } : pattern.refine(work);
  if (refinement === null) return null;
  const place = describePlace(cost);
  const calls = [...new Set(work.map(({ name }) => name))];
  const lines = [...new Set(work.flatMap((item) => item.lines))];
  const seenBy = work.some((item) => item.seenBy === 'frame') ? 'frame' : 'line';
  const judged = judgeFunction(input, cost, seenBy);
  return {
    kind: pattern.id,
    title: `${pattern.subject} in ${place} takes ${percent(share)} of busy CPU time`,
    layer: pattern.layer,
    ...size,
    confidence:
      refinement.doubt === undefined
        ? judged
        : { level: 'low', reason: `${refinement.doubt}; ${judged.reason}` },
    signals: [
      ...new Set([
        ...work.map(({ category }) => category),
        ...calls.map((name) => `calls:${name}`),
        ...lines.map((line) => `line:${line}`),
        ...(cost.package === undefined ? [] : [`package:${cost.package}`]),
        ...refinement.signals,
      ]),
    ],
    detail: [
      work
        .map(
          ({ name, share: part, lines: at }) =>
            `${name}: ${percent(part)}${at.length > 0 ? ` (line ${at.join(', ')})` : ''}`,
        )
        .join('\n'),
      ...(refinement.detail === undefined ? [] : [refinement.detail]),
    ].join('\n'),
    confirm: pattern.confirm(place),
  };
}

/** Calls on one line are seen as one weight each; a line that holds two of them must not count twice. */
function measureShare(cost: FunctionCost, work: readonly SeenWork[]): number {
  const frames = work.filter(({ seenBy }) => seenBy === 'frame').reduce((sum, { share }) => sum + share, 0);
  const byLines = new Map<string, number>();
  for (const item of work) {
    if (item.seenBy === 'line') byLines.set(item.lines.join(), item.share);
  }
  const lines = [...byLines.values()].reduce((sum, share) => sum + share, 0);
  return Math.min(cost.ownShare, frames + Math.min(cost.selfShare, lines));
}
