import { EnvironmentError, InternalError } from '../../core/errors.ts';
import type { Processes } from '../../core/ports/processes.ts';

export interface PictureChild {
  readonly processes: Processes;
  /** Built file of the child. */
  readonly childFile: string;
}

export interface PictureJob {
  /** In words, e.g. "the flamegraph". */
  readonly what: string;
  readonly parameters: readonly string[];
  readonly directory: string;
  readonly timeoutMs: number;
  /** What a person can do without the picture. */
  readonly instead: string;
  readonly signal: AbortSignal;
}

/** What a Node.js process needs of our environment to start at all (the last three on Windows). */
const INHERITED = ['PATH', 'SystemRoot', 'TEMP', 'TMP'];

/** Draws in a process of its own: what a drawing library does to its process, or in it, stays there. */
export async function runPictureChild(
  { processes, childFile }: PictureChild,
  { what, parameters, directory, timeoutMs, instead, signal }: PictureJob,
): Promise<void> {
  const inherited = INHERITED.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  const ended = await processes.run(
    {
      command: [process.execPath, childFile, ...parameters],
      cwd: directory,
      env: Object.fromEntries(inherited),
    },
    { timeoutMs, signal },
  );
  signal.throwIfAborted();
  if (ended.startError !== undefined) {
    throw new EnvironmentError(
      'command_failed',
      `Drawing ${what} could not be started (${ended.startError}).`,
      {
        fix: 'Check that the node program that runs deep-optimize can be executed.',
      },
    );
  }
  if (ended.code === 0) return;
  const end = ended.timedOut ? `took more than ${timeoutMs} ms` : `failed (exit code ${String(ended.code)})`;
  throw new InternalError('command_failed', `Drawing ${what} ${end}.`, {
    fix: `${instead} Report this with the output.`,
    output: ended.stderr,
  });
}
