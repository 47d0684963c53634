import { shareOf } from './analyze.ts';
import type { FunctionCost, ProfileAnalysis } from './analyze.ts';
import type { Profile } from './model.ts';

export interface Interrupted {
  readonly cost: FunctionCost;
  /** Of all time in garbage collection, [0, 1]. */
  readonly share: number;
}

/**
 * The project's functions that ran when collections began, and how much of the time in collections came while each ran, itself
 * or what it called. The sample
 * before a collection is up to an interval old, and may have lost its innermost frames (seen on Node.js 20: half of them in a
 * loop that allocates all the time), so this is evidence and no proof. Empty where the profile doesn't tell.
 */
export function findInterrupted(analysis: ProfileAnalysis): readonly Interrupted[] {
  const { profile, totals, functions } = analysis;
  const weights = new Map<number, number>();
  for (const [start, weight] of profile.collections) {
    const index = findOwner(profile, start);
    if (index !== undefined) weights.set(index, (weights.get(index) ?? 0) + weight);
  }
  return functions
    .flatMap((cost) => {
      const weight = weights.get(cost.frameIndex);
      return weight === undefined ? [] : [{ cost, share: shareOf(weight, totals.gc) }];
    })
    .sort((a, b) => b.share - a.share);
}

/** The nearest function of the project; for a callback without a name the named one in the same file that it was written in. */
function findOwner({ nodes, frames }: Profile, start: number): number | undefined {
  let callback: number | undefined;
  for (let node = start; node >= 0; node = nodes.parent[node] ?? -1) {
    const index = nodes.frame[node] ?? 0;
    const own = frames[index];
    if (own?.kind !== 'js' || own.package !== undefined) continue;
    if (callback !== undefined && own.file !== frames[callback]?.file) return callback;
    if (own.name !== '' && own.name !== '(anonymous)') return index;
    callback ??= index;
  }
  return callback;
}
