import { join } from 'node:path';
import { InternalError } from './errors.ts';

/** Where the state of a project lies, below the project. */
export const STATE_DIRECTORY = '.deep-optimize';
export const HISTORY_FILE = 'history.db';

/** Inner .gitignore: what a person reviews in a pull request stays visible, what only this machine knows does not. */
export const STATE_GITIGNORE = `# Written by deep-optimize. Commit goals.json, budgets.json and decisions/.
history.db*
artifacts/
snapshots.git/
tmp/
`;

/** Ids come from URIs and tool arguments, that is from anybody: nothing but this is looked up or becomes a file name. */
export function isRecordId(id: string): boolean {
  return id.length <= 128 && /^[a-z0-9_-]+$/.test(id);
}

/** A name that can only be a file directly in the artifacts folder. */
function isArtifactFile(file: string): boolean {
  return file.length <= 160 && /^[a-z0-9_-]+(?:\.[a-z0-9]+)+$/.test(file);
}

export function artifactsDirectory(stateDirectory: string): string {
  return join(stateDirectory, 'artifacts');
}

/** Absolute path of an artifact's file. Throws for a record that names anything but a file in that folder. */
export function locateArtifact(
  stateDirectory: string,
  artifact: { readonly id: string; readonly file: string },
): string {
  const { id, file } = artifact;
  if (isArtifactFile(file)) return join(artifactsDirectory(stateDirectory), file);
  throw new InternalError('internal', `Artifact ${id} names the file ${JSON.stringify(file)}.`, {
    fix: 'An artifact is a file directly in the artifacts folder; this record was not written by deep-optimize.',
  });
}
