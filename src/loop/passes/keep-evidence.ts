import type { Artifact, Evidence } from '../../core/model/evidence.ts';
import type { PassContext } from './pass.ts';

/** What a record of evidence is of. */
export type Keeping = Pick<PassContext, 'ports' | 'project' | 'run' | 'baseline' | 'workload' | 'snapshot'>;

export type ArtifactDraft = Pick<Artifact, 'kind' | 'title' | 'mime_type'> & {
  readonly extension: string;
  readonly content: string | Uint8Array;
};

export async function keepArtifact(
  { ports, project, run }: Keeping,
  { content, ...draft }: ArtifactDraft,
): Promise<Artifact> {
  return await project.store.artifacts.create(
    { ...draft, id: ports.entropy.id('art'), run_id: run.id, created_at: ports.clock.now() },
    content,
  );
}

export interface EvidenceDraft {
  readonly kind: Evidence['kind'];
  readonly title: string;
  readonly artifacts: readonly ArtifactDraft[];
  readonly pictures?: readonly Artifact[];
}

/** Stores the files of one capture; the record itself is stored with the findings that point to it. */
export async function keepEvidence(context: Keeping, draft: EvidenceDraft): Promise<Evidence> {
  const { ports, project, run, baseline, workload, snapshot } = context;
  const artifacts: Artifact[] = [];
  for (const artifact of draft.artifacts) artifacts.push(await keepArtifact(context, artifact));
  return {
    id: ports.entropy.id('evid'),
    kind: draft.kind,
    run_id: run.id,
    baseline_id: baseline?.id ?? null,
    workload: workload.name,
    title: draft.title,
    artifact_ids: artifacts.map((artifact) => artifact.id),
    pictures: (draft.pictures ?? []).map((picture) => picture.id),
    source_root: project.directory,
    snapshot,
    created_at: ports.clock.now(),
  };
}

/** The checkout is gone after the run: evidence names files where they lie in the project. */
export function relocate({ project, sample }: PassContext, content: string): string {
  return content.replaceAll(sample.directory, project.directory);
}
