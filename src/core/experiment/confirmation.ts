import type { Comparison, Verdict } from '../model/experiment.ts';
import { METRICS } from '../model/metrics.ts';
import type { Judgement } from './comparisons.ts';

/**
 * Whether a gain must show again in a fresh run before it counts. Each comparison with a baseline keeps its promise for
 * itself; who tries twenty changes against one baseline gets twenty chances of a lucky one, of 2 % each (the better half of
 * the 4 % table) at worst. A second run on new seeds has the same chance by itself, so a lucky gain passes both once in
 * 2500 tries, and the price is paid by gains only.
 */
export function needsConfirmation(verdict: Verdict, otherCandidates: number): boolean {
  return verdict === 'improved' && otherCandidates > 0;
}

/** By the rule of the first run; a change shown to be real but small contradicts nothing, it is the size that was lucky. */
export function agrees(fresh: Comparison | undefined): boolean {
  if (fresh?.verdict === 'improved') return true;
  if (fresh?.verdict !== 'equivalent' || !fresh.real_but_small) return false;
  const sign = METRICS[fresh.metric].better === 'lower' ? -1 : 1;
  return fresh.change !== null && fresh.change * sign > 0;
}

/** What the verdict becomes when the fresh run is in. */
export function confirmJudgement(
  first: Judgement,
  fresh: Comparison | undefined,
  attemptOfBaseline: number,
): Judgement {
  if (agrees(fresh)) return first;
  const blocks = fresh?.n ?? 0;
  const seen =
    fresh?.verdict === 'regressed'
      ? 'says the opposite'
      : fresh?.verdict === 'equivalent'
        ? 'shows no gain'
        : 'is undecided';
  return {
    verdict: 'inconclusive',
    reason: `${first.reason}, but a fresh run of ${blocks} blocks ${seen}: this was attempt ${attemptOfBaseline} against one baseline, and one of many is lucky`,
  };
}
