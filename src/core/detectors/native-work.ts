import type { FunctionCost } from '../profile/analyze.ts';
import type { DetectorInput } from './detector.ts';
import { percent } from './finding.ts';

/** The share of the function from which on a name in machine code tells something. */
const LEAST_PART = 0.1;
const MOST_NAMES = 3;

/** What machine code ran for a function, where a sampler outside saw it: "ieee754::sin 30 %"; undefined where none did. */
export function describeNativeWork({ native }: DetectorInput, cost: FunctionCost): string | undefined {
  // Positions are V8's in both, but the column of a frame is not told by all versions.
  const twin = native?.functions.find(
    ({ frame, file }) =>
      frame.kind === 'js' &&
      frame.name === cost.frame.name &&
      file === cost.file &&
      frame.line === cost.frame.line,
  );
  if (twin === undefined) return undefined;
  const named = twin.calls
    .filter(({ weight }) => weight >= LEAST_PART * twin.own)
    .slice(0, MOST_NAMES)
    .map(({ name, share }) => `${name} ${percent(share)}`);
  return named.length === 0 ? undefined : `of busy time, in machine code under it: ${named.join(', ')}`;
}
