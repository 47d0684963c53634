import { InputError } from '../../core/errors.ts';
import type { Artifact } from '../../core/model/evidence.ts';
import type { ProfileAnalysis } from '../../core/profile/analyze.ts';
import { readProfile } from '../views/profile-evidence.ts';
import { keepArtifact } from './keep-evidence.ts';
import type { PassContext } from './pass.ts';

/** A picture of what changed since the last profile of the workload that was taken in the same way; none without one. */
export async function drawDifference(
  context: PassContext,
  analysis: ProfileAnalysis,
  title: string,
): Promise<readonly Artifact[]> {
  const { project, workload, draw } = context;
  const latest = await project.store.bottlenecks.latestEvidence(workload.name);
  const earlier = latest.find((evidence) => evidence.kind === 'cpu-profile' && evidence.title === title);
  if (earlier === undefined) return [];
  const before = await readEarlier(context, earlier);
  if (before === undefined) return [];
  const about = `Difference of ${workload.name} from ${earlier.id}`;
  return [
    await keepArtifact(context, {
      kind: 'flamegraph-svg',
      title: about,
      mime_type: 'image/svg+xml',
      extension: 'svg',
      content: draw.difference(before, analysis, { title: about }),
    }),
  ];
}

/** Its file may have been removed to make room: then there is nothing to compare with. */
async function readEarlier(
  { project, run }: PassContext,
  evidence: Parameters<typeof readProfile>[0]['evidence'],
): Promise<ProfileAnalysis | undefined> {
  try {
    return await readProfile({ project, evidence });
  } catch (error) {
    if (run.signal.aborted || !(error instanceof InputError)) throw error;
    return undefined;
  }
}
