import type { ProfileAnalysis } from '../core/profile/analyze.ts';
import { compareProfiles, type FunctionDifference } from '../core/profile/difference.ts';
import { renderIcicle, type FlamegraphOptions } from './flamegraph-svg.ts';
import { formatShare } from './number.ts';

/** Changes of own share from this on have the full colour: more is seen in the width. */
const FULL_COLOUR = 0.2;
const GREW = { hue: 8, saturation: 85 } as const;
const SHRANK = { hue: 212, saturation: 75 } as const;
const UNCHANGED = 'hsl(0, 0%, 88%)';
/** Lightness of the weakest and of the full colour, in %. */
const PALE = 84;
const FULL = 58;
const MOST_GONE = 3;

/**
 * The later profile, coloured by what became of each function: red grew, blue shrank, grey where the samples cannot tell. By
 * function and not by stack, for an edit moves the code that stands above. What is gone has no box and is named.
 */
export function renderDifference(
  before: ProfileAnalysis,
  after: ProfileAnalysis,
  options: FlamegraphOptions,
): string {
  const differences = compareProfiles(before, after);
  const byFrame = new Map(
    differences
      .filter(({ cost }) => after.functions.includes(cost))
      .map((difference) => [difference.cost.frameIndex, difference]),
  );
  const gone = differences
    .filter(({ cost, isClear }) => isClear && !after.functions.includes(cost))
    .slice(0, MOST_GONE)
    .map(({ cost, before: share }) => `${cost.frame.name} ${formatShare(share)}`);
  return renderIcicle(after, options, {
    legend: [
      { label: 'grew', fill: shade(GREW, 1) },
      { label: 'shrank', fill: shade(SHRANK, 1) },
      { label: 'no clear change', fill: UNCHANGED },
    ],
    note: [
      `own share of busy time, ${before.totals.busySamples} and ${after.totals.busySamples} samples`,
      ...(gone.length === 0 ? [] : [`gone: ${gone.join(', ')}`]),
    ].join('; '),
    fillOf: (frame) => fillOf(byFrame.get(frame)),
    tellOf: (frame) => tell(byFrame.get(frame)),
  });
}

function fillOf(difference: FunctionDifference | undefined): string {
  if (difference === undefined || !difference.isClear) return UNCHANGED;
  const strength = Math.min(1, Math.abs(difference.change) / FULL_COLOUR);
  return shade(difference.change > 0 ? GREW : SHRANK, strength);
}

function shade({ hue, saturation }: typeof GREW | typeof SHRANK, strength: number): string {
  return `hsl(${hue}, ${saturation}%, ${Math.round(PALE - (PALE - FULL) * strength)}%)`;
}

function tell(difference: FunctionDifference | undefined): string | undefined {
  if (difference === undefined) return undefined;
  const { before, after, interval, isClear } = difference;
  const change = isClear
    ? `change [${formatShare(interval[0])}, ${formatShare(interval[1])}]`
    : 'no clear change';
  return `own ${formatShare(before)} before, ${formatShare(after)} after, ${change}`;
}
