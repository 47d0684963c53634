import { filesWorthReading } from '../../core/detectors/index.ts';
import { importProfile } from '../../core/importers/index.ts';
import type { Artifact, Evidence } from '../../core/model/evidence.ts';
import type { Warning } from '../../core/model/warning.ts';
import type { ThreadProfile } from '../../core/ports/target.ts';
import { analyzeProfile, type ProfileAnalysis } from '../../core/profile/analyze.ts';
import { mergeProfiles } from '../../core/profile/merge.ts';
import { WARNINGS } from '../../core/warnings.ts';
import { drawFlamegraphs } from './flamegraphs.ts';
import { keepEvidence, relocate } from './keep-evidence.ts';
import type { Pass, PassContext } from './pass.ts';

/** Functions whose inclusive share is compared between the two profiles. */
const COMPARED_FUNCTIONS = 5;
const INLINING_TOLERANCE = 0.15;

/**
 * Two CPU profiles, each of a fresh process: of the program as it is, and with V8's inlining off, which names the callee
 * that really took the time.
 */
export const cpuPass: Pass = {
  id: 'cpu',
  doing: 'profiling, with and without inlining',
  weight: 2,
  applies: ({ measurer }) => measurer.profile !== undefined,
  async run(context) {
    const { ports, measurer, sample } = context;
    const capture = async (probe: 'profile' | 'attribution') =>
      readThreads(context, (await measurer.profile?.(ports, { ...sample, probe })) ?? []);
    const plain = await capture('profile');
    const attribution = await capture('attribution');
    const drawn = await drawFlamegraphs(context, attribution);
    const evidence = [
      await keepProfile(context, 'CPU profile, inlining off', attribution, drawn.pictures),
      await keepProfile(context, 'CPU profile', plain),
    ];
    return {
      facts: {
        attribution: attribution.analysis,
        plain: plain.analysis,
        sources: await readSources(context, attribution.analysis),
      },
      evidence,
      pictures: drawn.pictures,
      warnings: [
        ...attribution.warnings,
        ...inliningWarnings(attribution.analysis, plain.analysis),
        ...drawn.warnings,
      ],
    };
  },
};

export interface ReadThreads {
  /** The busiest first. */
  readonly threads: readonly ThreadProfile[];
  readonly analysis: ProfileAnalysis;
  readonly warnings: readonly Warning[];
}

function readThreads(context: PassContext, threads: readonly ThreadProfile[]): ReadThreads {
  const read = threads.map((thread) => {
    const content = relocate(context, thread.content);
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
    analysis: analyzeProfile(profile, [context.project.directory]),
    warnings: sorted.flatMap((one) => one.warnings),
  };
}

function nameThread({ pid, threadId }: ThreadProfile): string {
  return threadId === 0 ? `main of pid ${pid}` : `worker ${threadId} of pid ${pid}`;
}

async function keepProfile(
  context: PassContext,
  title: string,
  read: ReadThreads,
  pictures: readonly Artifact[] = [],
): Promise<Evidence> {
  return await keepEvidence(context, {
    kind: 'cpu-profile',
    title,
    artifacts: read.threads.map((thread) => ({
      kind: 'cpu-profile',
      title: `${title}, ${nameThread(thread)}`,
      mime_type: 'application/json',
      extension: 'cpuprofile',
      content: thread.content,
    })),
    pictures,
  });
}

/** The text of hot files as it was when they were measured. */
async function readSources(
  { project, snapshot }: PassContext,
  analysis: ProfileAnalysis,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const read = filesWorthReading(analysis).map(
    async (file): Promise<readonly [string, readonly string[]] | undefined> => {
      const text = await project.snapshots.readFile(snapshot, file);
      return text === undefined ? undefined : [file, text.split('\n')];
    },
  );
  return new Map((await Promise.all(read)).filter((entry) => entry !== undefined));
}

function inliningWarnings(attribution: ProfileAnalysis, plain: ProfileAnalysis): readonly Warning[] {
  const worst = attribution.functions
    .filter((cost) => cost.isUser)
    .slice(0, COMPARED_FUNCTIONS)
    .flatMap((cost) => {
      const twin = plain.functions.find(
        (other) =>
          other.frame.name === cost.frame.name &&
          other.file === cost.file &&
          other.frame.line === cost.frame.line,
      );
      // Inlined away in the plain profile: then only the attribution profile can speak.
      return twin && Math.abs(twin.totalShare - cost.totalShare) > INLINING_TOLERANCE ? [{ cost, twin }] : [];
    })[0];
  return worst
    ? [WARNINGS.inlining_distorts(worst.cost.frame.name, worst.twin.totalShare, worst.cost.totalShare)]
    : [];
}
