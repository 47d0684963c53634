import { TargetError } from '../../core/errors.ts';
import { filesWorthReading } from '../../core/detectors/index.ts';
import type { Artifact, Evidence } from '../../core/model/evidence.ts';
import type { Warning } from '../../core/model/warning.ts';
import type { ProfileAnalysis } from '../../core/profile/analyze.ts';
import { WARNINGS } from '../../core/warnings.ts';
import { drawDifference } from './difference.ts';
import { drawFlamegraphs } from './flamegraphs.ts';
import { keepEvidence } from './keep-evidence.ts';
import type { Pass, PassContext } from './pass.ts';
import { readSources } from './sources.ts';
import { nameThread, readThreads, type ReadThreads } from './read-threads.ts';

/** Functions whose inclusive share is compared between the two profiles. */
const COMPARED_FUNCTIONS = 5;
const INLINING_TOLERANCE = 0.15;
/** By which a later run finds the profile to compare its own with. */
const ATTRIBUTION_TITLE = 'CPU profile, inlining off';

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
      readThreads((await measurer.profile?.(ports, { ...sample, probe })) ?? [], {
        checkout: sample.directory,
        project: context.project.directory,
      });
    let plain: ReadThreads;
    let attribution: ReadThreads;
    try {
      plain = await capture('profile');
      attribution = await capture('attribution');
    } catch (error) {
      // Not a program of Node.js, or one that idles: other passes may still tell.
      if (!(error instanceof TargetError && error.code === 'no_profile')) throw error;
      return { facts: {}, warnings: [WARNINGS.no_cpu_profile(error.message, error.fix)] };
    }
    const drawn = await drawFlamegraphs(context, attribution);
    const pictures = [
      ...drawn.pictures,
      ...(await drawDifference(context, attribution.analysis, ATTRIBUTION_TITLE)),
    ];
    const evidence = [
      await keepProfile(context, ATTRIBUTION_TITLE, attribution, pictures),
      await keepProfile(context, 'CPU profile', plain),
    ];
    return {
      facts: {
        attribution: attribution.analysis,
        plain: plain.analysis,
        sources: await readSources(context, filesWorthReading(attribution.analysis)),
      },
      evidence,
      pictures,
      warnings: [
        ...attribution.warnings,
        ...inliningWarnings(attribution.analysis, plain.analysis),
        ...drawn.warnings,
      ],
    };
  },
};

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
