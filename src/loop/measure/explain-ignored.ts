import { DeepOptimizeError, TargetError } from '../../core/errors.ts';
import type { Project } from '../../core/ports/project.ts';

/** What programs print when a file is not where they look for it: Node.js, Python, shells, libc. */
const MISSES_FILE =
  /Cannot find (?:module|package)|ERR_MODULE_NOT_FOUND|ENOENT|No such file or directory|ModuleNotFoundError|FileNotFoundError|can't open file/i;

/**
 * Git-ignored files are not in a checkout. Where a program misses one that the project has, the error says which: linking it
 * without being asked could run the baseline with the candidate's build.
 */
export async function explainIgnored(project: Project, error: unknown): Promise<unknown> {
  if (!(error instanceof DeepOptimizeError) || error.kind !== 'target') return error;
  const said = `${error.message}\n${error.output ?? ''}`;
  if (!MISSES_FILE.test(said)) return error;
  const ignored = await project.snapshots.ignored().catch(() => []);
  const missed = ignored.filter((path) => namesPath(said, path));
  if (missed.length === 0) return error;
  const list = missed.map((path) => JSON.stringify(path)).join(', ');
  return new TargetError(error.code, error.message, {
    fix: `${list} ${missed.length === 1 ? 'is' : 'are'} git-ignored, and so not in the checkout: name what a start needs in "include" of the workload (it is linked, and the same on both sides), or make it in "setup". Else: ${error.fix}`,
    next: error.next,
    cause: error,
    ...(error.output === undefined ? {} : { output: error.output }),
  });
}

/** A path as a whole, or the last name of it: "dist" is not in "distance.js". */
function namesPath(text: string, path: string): boolean {
  const names = [path, path.slice(path.lastIndexOf('/') + 1)].map((name) =>
    name.replace(/[\\^$.|?*+()[\]{}]/g, String.raw`\$&`),
  );
  return new RegExp(`(?<![\\w-])(?:${names.join('|')})(?![\\w-])`).test(text);
}
