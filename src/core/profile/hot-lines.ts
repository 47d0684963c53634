import { shareOf } from './analyze.ts';
import type { ProfileAnalysis } from './analyze.ts';
import type { Frame } from './model.ts';

export interface HotLine {
  /** 1-based. */
  readonly line: number;
  readonly weight: number;
  /** Of busy weight, [0, 1]. */
  readonly share: number;
}

/** Self weight by line of one function. V8 keeps lines right even where inlining gives the time to a caller. */
export function hotLinesOfFunction(analysis: ProfileAnalysis, frameIndex: number): readonly HotLine[] {
  return collectLines(analysis, (_, index) => index === frameIndex);
}

/** @param file absolute, as it stands in the frames of the profile, or as it is shown */
export function hotLinesOfFile(
  analysis: ProfileAnalysis,
  file: string,
  show: (file: string) => string = (path) => path,
): readonly HotLine[] {
  return collectLines(
    analysis,
    (frame) => frame.file !== undefined && (frame.file === file || show(frame.file) === file),
  );
}

function collectLines(
  analysis: ProfileAnalysis,
  belongs: (frame: Frame, frameIndex: number) => boolean,
): readonly HotLine[] {
  const { profile, totals } = analysis;
  const chosen = profile.frames.map((frame, index) => belongs(frame, index));
  const weights = new Map<number, number>();
  profile.nodes.frame.forEach((frame, node) => {
    if (chosen[frame] !== true) return;
    for (const [line, weight] of profile.lines.get(node) ?? [])
      weights.set(line, (weights.get(line) ?? 0) + weight);
  });
  return [...weights]
    .map(([line, weight]) => ({ line, weight, share: shareOf(weight, totals.busy) }))
    .sort((a, b) => b.weight - a.weight || a.line - b.line);
}
