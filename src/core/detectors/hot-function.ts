import type { FunctionCost } from '../profile/analyze.ts';
import { hotLinesOfFunction } from '../profile/hot-lines.ts';
import { measureReach } from '../profile/reach.ts';
import { SHARE_THRESHOLD } from './detector.ts';
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
import { describeNativeWork } from './native-work.ts';
import { countEnclosingLoops, describeHotLines, seeWork } from './source-reading.ts';

/** More than this many functions over the threshold cannot exist (20 × 5 %), and past the first few nobody reads. */
const MOST_FINDINGS = 8;

/** With its callbacks a function may pass the threshold that it misses alone. */
const CANDIDATE_SHARE = SHARE_THRESHOLD / 2;
const MOST_CANDIDATES = 40;

/** Functions of the project or of a package whose own code, built-ins included, takes a visible part of busy time. */
export const hotFunction: Detector = {
  id: 'hot-function',
  title: 'Hot function',
  names: 'function',
  detect(input) {
    if (!hasEnoughEvidence(input)) return [];
    const hot = input.attribution.functions
      .filter((cost) => cost.frame.kind === 'js' && cost.ownShare >= CANDIDATE_SHARE)
      .slice(0, MOST_CANDIDATES)
      .map((cost) => withCallbacks(input, cost));
    const absorbed = new Set(hot.flatMap(({ callbacks }) => callbacks.map((cost) => cost.frameIndex)));
    return hot
      .filter(({ cost, share }) => share >= SHARE_THRESHOLD && !absorbed.has(cost.frameIndex))
      .sort((a, b) => b.share - a.share)
      .slice(0, MOST_FINDINGS)
      .map((function_) => describe(input, function_))
      .filter((finding) => isWorthReporting(finding.share));
  },
  measureAt: (input, location) =>
    measureFunctionsAt(input, location, (cost) => withCallbacks(input, cost).share),
};

interface HotFunction {
  readonly cost: FunctionCost;
  /** Anonymous functions that only this one calls, such as the arrow that it hands to filter. */
  readonly callbacks: readonly FunctionCost[];
  /** Own share, the callbacks' with it: they are lines of its text, not functions that a reader would look for. */
  readonly share: number;
  readonly reach: number;
}

function withCallbacks({ attribution }: DetectorInput, cost: FunctionCost): HotFunction {
  const { share: reach, callees } = measureReach(attribution, cost);
  const callbacks = callees.filter(({ frame, file }) => isAnonymous(frame.name) && file === cost.file);
  const share = Math.min(1, cost.ownShare + callbacks.reduce((sum, callback) => sum + callback.ownShare, 0));
  return {
    cost,
    callbacks: isAnonymous(cost.frame.name) ? [] : callbacks,
    share: isAnonymous(cost.frame.name) ? cost.ownShare : share,
    reach,
  };
}

function isAnonymous(name: string): boolean {
  return name === '' || name === '(anonymous)';
}

function describe(input: DetectorInput, { cost, callbacks, share, reach }: HotFunction): Finding {
  const { attribution, sources } = input;
  const text = cost.file === undefined ? undefined : sources.get(cost.file);
  const lines = describeHotLines(hotLinesOfFunction(attribution, cost.frameIndex), text);
  const native = describeNativeWork(input, cost);
  const owner = cost.package === undefined ? '' : ` of package ${cost.package}`;
  return {
    kind: hotFunction.id,
    title: `${describePlace(cost)}${owner} takes ${percent(share)} of busy CPU time`,
    layer: 'algorithm',
    ...sizeOfFunction(input, cost, share, { gained: reach }),
    confidence: judgeFunction(input, cost),
    signals: [...describeFunctionSignals(input, cost)],
    detail: [
      ...(callbacks.length === 0
        ? []
        : [`${callbacks.length} callback(s) written in it are counted with it`]),
      `own ${percent(cost.ownShare)}, with callees ${percent(cost.totalShare)}; ceilings count ${percent(reach)}: its own time and that of smaller functions called only from it`,
      ...(lines === '' ? [] : [lines]),
      ...(native === undefined ? [] : [native]),
    ].join('\n'),
    confirm: `Look at the hot lines and the callers; after a change, the own share of ${cost.frame.name} must have shrunk in a new profile.`,
  };
}

/** What strategies match on. A call counts when it makes a tenth of the function or 1 % of everything. */
export function describeFunctionSignals(input: DetectorInput, cost: FunctionCost): ReadonlySet<string> {
  const signals = new Set<string>();
  const work = seeWork(input.attribution, cost, input.sources).filter(
    ({ share }) => share >= 0.01 || share >= 0.1 * cost.ownShare,
  );
  for (const { name, category } of work) {
    signals.add(`calls:${name}`);
    if (category !== 'other') signals.add(category);
  }
  const loops = countEnclosingLoops(input.attribution, cost, input.sources);
  if (loops !== undefined && loops >= 1) signals.add('loop');
  if (loops !== undefined && loops >= 2) signals.add('nested-loops');
  // Its own code rather than something it calls by name.
  const named = work
    .filter(({ category }) => category !== 'search')
    .reduce((sum, { weight }) => sum + weight, 0);
  if (named < 0.3 * cost.own) signals.add('own-code');
  if (cost.package !== undefined) signals.add(`package:${cost.package}`);
  return signals;
}
