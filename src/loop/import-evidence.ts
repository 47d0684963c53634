import { importEvidence } from '../core/importers/index.ts';
import type { ImportedEvidence } from '../core/importers/index.ts';
import type { Project } from '../core/ports/project.ts';

/** A profile or a trace from a file of the project: of production, of another machine, of another language. */
export async function readEvidenceFile(project: Project, file: string): Promise<ImportedEvidence> {
  return importEvidence(await project.files.readEvidence(file), file);
}
