import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CommandRuns, CountedRun } from '../../core/ports/command-runs.ts';
import { temporaryPrefix } from '../../core/temporary-names.ts';

/**
 * Cachegrind without its cache simulation: the same "Ir" as callgrind's (152.1 million of both for one Python program,
 * runs 0.03 % apart), in four fifths of its time. Children are counted too, each in a file of its own.
 */
const VALGRIND = ['valgrind', '--quiet', '--tool=cachegrind', '--cache-sim=no', '--trace-children=yes'];
const PREFIX = 'counts.';

/** Instrumented code takes 10 to 50 times as long. */
const SLOWER = 50;

/** The same run under valgrind, in a fresh process. */
export function createInstructionCounter(run: CommandRuns['run']): CommandRuns['countInstructions'] {
  return async (spec, signal): Promise<CountedRun> => {
    const directory = await mkdtemp(join(tmpdir(), temporaryPrefix('counts', spec.runId)));
    try {
      const counted = await run(
        {
          ...spec,
          command: [...VALGRIND, `--cachegrind-out-file=${directory}/${PREFIX}%p`, ...spec.command],
          timeoutMs: spec.timeoutMs * SLOWER,
        },
        signal,
      );
      const hasValgrind = counted.exit.startError === undefined;
      return { run: counted, hasValgrind, instructions: hasValgrind ? await addUp(directory) : null };
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  };
}

/** Null when a process left no count: a sum without it would be of another program. */
async function addUp(directory: string): Promise<number | null> {
  const files = (await readdir(directory)).filter((name) => name.startsWith(PREFIX));
  let sum = 0;
  for (const name of files) {
    // Cachegrind's manual, section "Cachegrind File Format": `summary: <one count for each event>`, here one.
    const count = /^summary: (\d+)$/m.exec(await readFile(join(directory, name), 'utf8'))?.[1];
    if (count === undefined) return null;
    sum += Number(count);
  }
  return files.length === 0 ? null : sum;
}
