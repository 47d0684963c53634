import { InputError } from '../core/errors.ts';
import type { Artifact, Bottleneck, Evidence } from '../core/model/evidence.ts';
import type { Project } from '../core/ports/project.ts';
import { VIEWS, type View, type ViewAnswer, type ViewRequest } from './views/index.ts';

export interface InspectRequest extends ViewRequest {
  readonly evidence_id?: string | undefined;
  readonly bottleneck_id?: string | undefined;
  readonly view?: string | undefined;
  readonly limit: number;
  readonly offset: number;
}

export interface Inspection extends ViewAnswer {
  readonly view: string;
  readonly evidence: Evidence;
  readonly pictures: readonly Artifact[];
  /** Rows before and after the page. */
  readonly total: number;
}

/** Drills into one capture: bounded views, so that an agent pays for the part that it asked for. */
export async function inspectEvidence(project: Project, request: InspectRequest): Promise<Inspection> {
  const bottleneck = await findBottleneck(project, request.bottleneck_id);
  const wanted = VIEWS.find(({ name }) => name === request.view);
  const evidence = await findEvidence(project, request, bottleneck, wanted);
  const view = wanted ?? VIEWS.find(({ of }) => of === evidence.kind);
  if (view === undefined || view.of !== evidence.kind) throw otherKind(evidence, view);
  const named =
    request.function === undefined && request.file === undefined ? placeOf(bottleneck, request) : request;
  const answer = await view.show({ project, evidence }, named);
  const pictures = await Promise.all(evidence.pictures.map((id) => project.store.artifacts.get(id)));
  return {
    ...answer,
    view: view.name,
    evidence,
    pictures: pictures.filter((picture) => picture !== undefined),
    rows: answer.rows.slice(request.offset, request.offset + request.limit),
    total: answer.rows.length,
  };
}

/** What a finding is about is what its evidence is looked into for. */
function placeOf(bottleneck: Bottleneck | undefined, request: InspectRequest): ViewRequest {
  const { function: name, file } = bottleneck?.location ?? {};
  return {
    ...request,
    ...(name === undefined ? {} : { function: name }),
    ...(file === undefined ? {} : { file }),
  };
}

async function findBottleneck(project: Project, id: string | undefined): Promise<Bottleneck | undefined> {
  if (id === undefined) return undefined;
  const found = await project.store.bottlenecks.get(id);
  if (found === undefined) throw unknownEvidence(id);
  return found;
}

/** The capture that was named, or the newest that the view can show. */
async function findEvidence(
  project: Project,
  { evidence_id }: InspectRequest,
  bottleneck: Bottleneck | undefined,
  view: View | undefined,
): Promise<Evidence> {
  const { bottlenecks } = project.store;
  if (evidence_id !== undefined) {
    const found = await bottlenecks.evidence(evidence_id);
    if (found) return found;
    throw unknownEvidence(evidence_id);
  }
  const captured =
    bottleneck === undefined
      ? await bottlenecks.latestEvidence()
      : (await Promise.all(bottleneck.evidence_ids.map((id) => bottlenecks.evidence(id)))).filter(
          (one) => one !== undefined,
        );
  const found = captured.find(({ kind }) => view === undefined || kind === view.of);
  if (found) return found;
  throw unknownEvidence(bottleneck?.id, view);
}

function unknownEvidence(wanted: string | undefined, view?: View): InputError {
  const what =
    view === undefined ? 'evidence' : `evidence of kind "${view.of}", which the view "${view.name}" shows,`;
  return new InputError(
    'unknown_id',
    wanted === undefined ? `There is no ${what} yet.` : `There is no ${what} for "${wanted}".`,
    {
      fix: 'Use an evidence_id or bottleneck_id of find_bottlenecks.',
      next: [{ tool: 'find_bottlenecks', arguments: {}, why: 'capture evidence' }],
    },
  );
}

function otherKind(evidence: Evidence, view: View | undefined): InputError {
  const fitting = VIEWS.filter(({ of }) => of === evidence.kind).map(({ name }) => name);
  return new InputError(
    'invalid_arguments',
    `Evidence "${evidence.id}" is of kind "${evidence.kind}"${view === undefined ? '' : `, which the view "${view.name}" cannot show`}.`,
    { fix: `Use one of its views: ${fitting.join(', ')}.` },
  );
}
