import { InternalError } from '../errors.ts';
import { createProfileBuilder } from './builder.ts';
import type { Profile } from './model.ts';

export interface ProfileOfThread {
  readonly profile: Profile;
  /** For people, e.g. "main of pid 12". */
  readonly thread: string;
}

export interface MergedProfile {
  readonly profile: Profile;
  /** Threads that did next to nothing in the window and were left out. */
  readonly skipped: readonly string[];
}

/**
 * A thread below this share of the busiest one's work is a wrapper (npm, a loader, an idle pool worker): its idle
 * time would drown the total, its few samples would add functions that nobody asked about.
 */
const WORKING_SHARE = 0.02;

/** Several threads' profiles as one; weights add up, so two busy workers make two seconds of one. */
export function mergeProfiles(threads: readonly ProfileOfThread[]): MergedProfile {
  const [first] = threads;
  if (first === undefined) throw defect('no profiles were given to merge');
  const weights = threads.map(({ profile }) => busyWeight(profile));
  const most = Math.max(...weights);
  const working = threads.filter((_, index) => (weights[index] ?? 0) >= WORKING_SHARE * most);
  const builder = createProfileBuilder(first.profile.weight);
  for (const { profile } of working) {
    if (profile.weight !== first.profile.weight)
      throw defect(`weights of "${profile.weight}" cannot be merged with "${first.profile.weight}"`);
    const frames = profile.frames.map((frame) => builder.frame(frame));
    const placed = new Int32Array(profile.nodes.parent.length);
    for (let node = 0; node < placed.length; node++) {
      const parent = profile.nodes.parent[node] ?? -1;
      const target = builder.node(
        parent < 0 ? -1 : (placed[parent] ?? -1),
        frames[profile.nodes.frame[node] ?? 0] ?? 0,
      );
      placed[node] = target;
      builder.addSelf(target, profile.nodes.self[node] ?? 0, profile.nodes.samples[node] ?? 0);
      for (const [line, weight] of profile.lines.get(node) ?? []) builder.addLine(target, line, weight);
      const collected = profile.collections.get(node);
      if (collected !== undefined) builder.addCollection(target, collected);
    }
  }
  return {
    profile: builder.build(working.map(({ thread }) => thread)),
    skipped: threads.filter((entry) => !working.includes(entry)).map(({ thread }) => thread),
  };
}

function defect(message: string): InternalError {
  return new InternalError('internal', message, { fix: 'Report this with the profiles that were merged.' });
}

function busyWeight(profile: Profile): number {
  let sum = 0;
  profile.nodes.self.forEach((weight, node) => {
    if (profile.frames[profile.nodes.frame[node] ?? 0]?.kind !== 'idle') sum += weight;
  });
  return sum;
}
