import type { z } from 'zod';
import { EnvironmentError, InternalError } from '../../core/errors.ts';
import type { LoadPlan, WindowEdge } from '../../core/ports/load.ts';
import type { Processes } from '../../core/ports/processes.ts';
import { WINDOW_LINE } from './child-lines.ts';
import type { AnswersChildPlan, ClosedLoopChildPlan, Destination, OpenLoopChildPlan } from './child-plan.ts';

/** Start, warm-up and summary of a child on a busy machine, beside its window and its drain. */
const OVERHEAD_MS = 60_000;

/** What a Node.js process needs of our environment to start at all (the last four on Windows); NODE_OPTIONS must not be in it. */
const INHERITED = ['PATH', 'TMPDIR', 'SystemRoot', 'TEMP', 'TMP', 'USERPROFILE'];

export interface ChildSpec<Result> extends Pick<LoadPlan, 'runId' | 'cpus'> {
  /** Of the built child. */
  readonly file: string;
  readonly plan: ClosedLoopChildPlan | OpenLoopChildPlan | AnswersChildPlan;
  /** Of what it is asked to do, in ms. */
  readonly limitMs: number;
  /** How much of its output is kept, in bytes. */
  readonly keepBytes: number;
  readonly schema: z.ZodType<Result>;
}

/** A generator process that knows its plan and makes itself ready for it. */
export interface GeneratorChild<Result> {
  /**
   * Tells it where the load goes, once, and waits for the result and for its end.
   * @throws EnvironmentError when it could not be started, InternalError when it ended without a result.
   */
  load(
    destination: Destination,
    onWindow: ((edge: WindowEdge) => void) | undefined,
    signal: AbortSignal,
  ): Promise<Result>;
  /** Ends it, whatever it does. */
  stop(): Promise<void>;
}

export function inheritedEnvironment(): Record<string, string> {
  return Object.fromEntries(
    INHERITED.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
}

export function startGeneratorChild<Result>(
  processes: Processes,
  { file, plan, runId, cpus, limitMs, keepBytes, schema }: ChildSpec<Result>,
): GeneratorChild<Result> {
  let direct = (_destination: Destination): void => undefined;
  const directed = new Promise<Destination>((resolve) => (direct = resolve));
  let tell: ((edge: WindowEdge) => void) | undefined;
  const child = processes.spawn({
    command: [process.execPath, file],
    cwd: process.cwd(),
    env: { ...inheritedEnvironment(), DEEP_OPTIMIZE_RUN: runId },
    input: writeInput(plan, directed),
    keepBytes,
    onLine: (line) => {
      if (line === `${WINDOW_LINE}opens`) tell?.('opens');
      if (line === `${WINDOW_LINE}closes`) tell?.('closes');
    },
    ...(cpus === undefined ? {} : { cpus }),
  });
  return {
    async load(destination, onWindow, signal) {
      tell = onWindow;
      direct(destination);
      const timeoutMs = limitMs + OVERHEAD_MS;
      const ended = await processes.finish(child, { timeoutMs, signal });
      if (ended.startError !== undefined) {
        throw new EnvironmentError(
          'generator_failed',
          `The load generator could not be started (${ended.startError}).`,
          { fix: 'Check that the node program that runs deep-optimize can be executed.' },
        );
      }
      const result = ended.code === 0 ? parseResult(ended.stdout, schema) : undefined;
      if (result !== undefined) return result;
      const end = ended.timedOut
        ? `ran past ${timeoutMs} ms and was killed`
        : `ended without a result (exit code ${String(ended.code)}, signal ${String(ended.signal)})`;
      throw new InternalError('generator_failed', `The load generator ${end}.`, {
        fix: 'Measure again; if it stays so, report it with the output.',
        output: ended.stderr,
      });
    },
    // Nothing in it needs an orderly end.
    stop: () => child.kill(0),
  };
}

async function* writeInput(
  plan: ChildSpec<unknown>['plan'],
  directed: Promise<Destination>,
): AsyncGenerator<string> {
  yield toLine(plan);
  yield toLine(await directed);
}

/** JSON may hold two characters that are ends of lines for whoever reads by lines (node:readline). */
function toLine(value: unknown): string {
  return `${JSON.stringify(value).replace(/[\u2028\u2029]/g, (end) => (end === '\u2028' ? '\\u2028' : '\\u2029'))}\n`;
}

/** The last line is the result. */
function parseResult<Result>(stdout: string, schema: z.ZodType<Result>): Result | undefined {
  const line = stdout.trimEnd().split('\n').at(-1) ?? '';
  try {
    return schema.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}
