import type { Keeping } from './keep-evidence.ts';

/** The text of files, by their name, as it was when they were measured; of those that the snapshot holds. */
export async function readSources(
  { project, snapshot }: Keeping,
  files: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const read = files.map(async (file): Promise<readonly [string, readonly string[]] | undefined> => {
    const text = await project.snapshots.readFile(snapshot, file);
    return text === undefined ? undefined : [file, text.split('\n')];
  });
  return new Map((await Promise.all(read)).filter((entry) => entry !== undefined));
}
