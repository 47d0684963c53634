import { InternalError } from '../../core/errors.ts';
import { analyzeTrace, type TraceAnalysis } from '../../core/trace/analyze.ts';
import type { Trace } from '../../core/trace/model.ts';
import type { ViewContext } from './view.ts';

export async function readTrace({ project, evidence }: ViewContext): Promise<TraceAnalysis> {
  const trace = await readStored<Trace>({ project, evidence });
  return analyzeTrace(trace, [evidence.source_root]);
}

/** What a pass stored as JSON in the first artifact of its evidence. */
export async function readStored<T>({ project, evidence }: ViewContext): Promise<T> {
  const [id] = evidence.artifact_ids;
  if (id === undefined) {
    throw new InternalError('internal', `Evidence "${evidence.id}" has no artifact.`, {
      fix: 'Report this as a defect.',
    });
  }
  // Our own file, written by the pass of this kind: the shape is its type.
  return JSON.parse(new TextDecoder().decode(await project.store.artifacts.read(id))) as T;
}

export function basisOfTrace({ requests }: TraceAnalysis): string {
  return `${requests.length} traced requests`;
}
