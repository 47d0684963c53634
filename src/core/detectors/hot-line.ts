import { hotLinesOfFunction } from '../profile/hot-lines.ts';
import { packageOf } from '../profile/package-of.ts';
import type { FunctionCost } from '../profile/analyze.ts';
import type { Detector, DetectorInput, Finding } from './detector.ts';
import { hasEnoughEvidence, isWorthReporting, judgeFunction, percent, sizeOfFunction } from './finding.ts';
import { describeFunctionSignals } from './hot-function.ts';
import { measureFunctionsAt } from './measure-at.ts';
import { describeHotLines, seeWork, textOfFunction } from './source-reading.ts';

/** Of the function's own time. */
const LINE_DOMINATES = 0.7;
/** In a shorter function the line says no more than the function does. */
const LONG_ENOUGH = 12;
/** Lines of bundled or minified code are no lines; people break theirs before this. */
const LONGEST_LINE = 200;

/** One line that makes most of a long function, where nothing more exact is known about it. */
export const hotLine: Detector = {
  id: 'hot-line',
  title: 'Hot line',
  names: 'line',
  detect(input) {
    if (!hasEnoughEvidence(input)) return [];
    return input.attribution.functions
      .filter(({ isUser, ownShare }) => isUser && ownShare >= 0.05)
      .flatMap((cost) => describe(input, cost) ?? []);
  },
  // A change moves the line: whichever line of the function is the hottest then.
  measureAt: (input, location) =>
    measureFunctionsAt(
      input,
      location,
      (cost) => hotLinesOfFunction(input.attribution, cost.frameIndex)[0]?.share ?? 0,
    ),
};

function describe(input: DetectorInput, cost: FunctionCost): Finding | undefined {
  const { attribution, sources } = input;
  const text = cost.file === undefined ? undefined : sources.get(cost.file);
  const [hottest, ...others] = hotLinesOfFunction(attribution, cost.frameIndex);
  const start = cost.frame.line;
  if (text === undefined || start === undefined || hottest === undefined) return undefined;
  if (!hasTrustworthyLines(input, cost, text, hottest.line)) return undefined;
  const size = sizeOfFunction(input, cost, hottest.share);
  if (hottest.weight < LINE_DOMINATES * cost.own || !isWorthReporting(size.share)) return undefined;
  return {
    kind: hotLine.id,
    title: `Line ${hottest.line} of ${cost.frame.name} (${cost.file ?? ''}) takes ${percent(hottest.share)} of busy CPU time`,
    layer: 'algorithm',
    ...size,
    location: { ...size.location, line: hottest.line },
    confidence: judgeFunction(input, cost),
    signals: [...describeFunctionSignals(input, cost), `line:${hottest.line}`],
    detail: describeHotLines([hottest, ...others], text),
    confirm: `Change line ${hottest.line} alone and profile again: the own share of ${cost.frame.name} must shrink with it.`,
  };
}

function hasTrustworthyLines(
  { attribution, sources }: DetectorInput,
  cost: FunctionCost,
  text: readonly string[],
  hottest: number,
): boolean {
  const start = cost.frame.line ?? 0;
  const body = textOfFunction(text, start);
  const isInside = hottest > start && hottest < start + body.length;
  const isWritten =
    body.every((line) => line.length <= LONGEST_LINE) && packageOf(cost.file ?? '') === undefined;
  // What the line calls has a name and detectors of its own.
  const named = seeWork(attribution, cost, sources)
    .filter(({ category }) => category !== 'other' && category !== 'search')
    .reduce((sum, { weight }) => sum + weight, 0);
  return isInside && isWritten && body.length >= LONG_ENOUGH && named < 0.3 * cost.own;
}
