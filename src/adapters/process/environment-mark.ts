import type { ProcessEntry } from './proc-filesystem.ts';
import { readStartEnvironment } from './proc-filesystem.ts';

/** In the environment of every process of a run, so that a later server finds what an earlier one left behind. */
export const RUN_VARIABLE = 'DEEP_OPTIMIZE_RUN';
/** Names one tree of a run: target and load generator share the run, and one must not be killed as a part of the other. */
export const TREE_VARIABLE = 'DEEP_OPTIMIZE_TREE';

/** Asks for each process only once: the environment at its start doesn't change, and reading all of them is slow. */
export function createMarkFinder(variables: readonly string[]): (entry: ProcessEntry) => boolean {
  const answers = new Map<string, boolean>();
  return (entry) => {
    const key = `${entry.pid}:${entry.startTicks}`;
    const known = answers.get(key);
    if (known !== undefined) return known;
    const marked = readStartEnvironment(entry.pid).some((variable) => variables.includes(variable));
    answers.set(key, marked);
    return marked;
  };
}
