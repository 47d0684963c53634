import { importProfile } from '../../core/importers/index.ts';
import type { Warning } from '../../core/model/warning.ts';
import type { ThreadProfile } from '../../core/ports/target.ts';
import { analyzeProfile, type ProfileAnalysis } from '../../core/profile/analyze.ts';
import { mergeProfiles } from '../../core/profile/merge.ts';

export interface ReadThreads {
  /** The busiest first. */
  readonly threads: readonly ThreadProfile[];
  readonly analysis: ProfileAnalysis;
  readonly warnings: readonly Warning[];
}

/** One analysis of all threads of a capture. The checkout is gone after the run: files are named where they lie in the project. */
export function readThreads(
  threads: readonly ThreadProfile[],
  directories: { readonly checkout: string; readonly project: string },
): ReadThreads {
  const read = threads.map((thread) => {
    const content = thread.content.replaceAll(directories.checkout, directories.project);
    const { profile, warnings } = importProfile(content);
    return {
      thread: { ...thread, content },
      profile,
      warnings,
      busy: analyzeProfile(profile).totals.busy,
    };
  });
  const sorted = [...read].sort((a, b) => b.busy - a.busy);
  const { profile } = mergeProfiles(
    sorted.map(({ thread, profile: one }) => ({ profile: one, thread: nameThread(thread) })),
  );
  return {
    threads: sorted.map(({ thread }) => thread),
    analysis: analyzeProfile(profile, [directories.project]),
    warnings: onceEach(sorted.flatMap((one) => one.warnings)),
  };
}

/** What a capture is weakened by is said once, as the busiest thread has it. */
function onceEach(warnings: readonly Warning[]): readonly Warning[] {
  return warnings.filter(({ code }, index) => warnings.findIndex((other) => other.code === code) === index);
}

export function nameThread({ pid, threadId }: ThreadProfile): string {
  return threadId === 0 ? `main of pid ${pid}` : `worker ${threadId} of pid ${pid}`;
}
