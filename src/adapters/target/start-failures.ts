import { TargetError } from '../../core/errors.ts';
import type { ProcessExit } from '../../core/ports/processes.ts';

export interface PrintedOutput {
  readonly stdout: string;
  readonly stderr: string;
}

/** Of each stream, in characters: what an error message of a program needs, with its stack. */
const SHOWN_CHARACTERS = 4_000;
/** Of a command in a message, in characters. */
const LONGEST_COMMAND = 200;
const USE_THE_PORT =
  'Make the program listen on process.env.PORT, or put "{port}" into the command (or a value of env) of the workload.';

function showOutput(output: PrintedOutput): { readonly output?: string } {
  const text = [output.stderr, output.stdout]
    .map((stream) => stream.trimEnd().slice(-SHOWN_CHARACTERS))
    .filter((stream) => stream !== '')
    .join('\n');
  return text === '' ? {} : { output: text };
}

function quoteCommand(command: readonly string[]): string {
  const text = command
    .map((word) => (/^[\w@%+=:,./{}-]+$/.test(word) ? word : JSON.stringify(word)))
    .join(' ');
  return text.length > LONGEST_COMMAND ? `${text.slice(0, LONGEST_COMMAND)}…` : text;
}

/** The port that the program could not have: of an EADDRINUSE of Node.js, or of the words that others use; 0 when none is named. */
export function findTakenPort(output: PrintedOutput): number | undefined {
  const text = `${output.stderr}\n${output.stdout}`;
  const found = /EADDRINUSE|address already in use/i.exec(text);
  if (found === null) return undefined;
  const around = text.slice(Math.max(0, found.index - 200), found.index + 300);
  const port = /EADDRINUSE[^\n]*?:(\d{2,5})\b/.exec(around)?.[1] ?? /port:? (\d{2,5})\b/i.exec(around)?.[1];
  return Number(port ?? 0);
}

export function describeTakenPort(
  command: readonly string[],
  port: number,
  output: PrintedOutput,
): TargetError {
  const which = port === 0 ? 'a port that is in use' : `port ${port}, which is in use`;
  return new TargetError('port_taken', `"${quoteCommand(command)}" wanted ${which}.`, {
    fix: `${USE_THE_PORT} Every start gets a free port.`,
    ...showOutput(output),
  });
}

export function describeFailedStart(
  command: readonly string[],
  cwd: string,
  exit: ProcessExit,
  output: PrintedOutput,
): TargetError {
  if (exit.startError !== undefined) {
    return new TargetError(
      'start_failed',
      `"${quoteCommand(command)}" could not be run in ${cwd}: ${exit.startError}`,
      {
        fix: `Check that ${JSON.stringify(command[0] ?? '')} is installed and on PATH, and that the directory exists. The command is an argument vector, one string for each argument; it is not given to a shell.`,
      },
    );
  }
  const how =
    exit.code === null ? `was ended by ${exit.signal ?? 'a signal'}` : `exited with code ${exit.code}`;
  return new TargetError('start_failed', `"${quoteCommand(command)}" ${how} before it was ready.`, {
    fix:
      exit.code === 0
        ? 'The start command must stay in the foreground as long as the program serves.'
        : 'Run the command by hand in a fresh checkout and mend what it reports; a build belongs into "setup", a git-ignored file that it needs into "include".',
    ...showOutput(output),
  });
}

export function describeNeverReady(
  command: readonly string[],
  timeoutMs: number,
  missing: string,
  output: PrintedOutput,
): TargetError {
  return new TargetError(
    'never_ready',
    `"${quoteCommand(command)}" was not ready after ${timeoutMs / 1000} s: ${missing}.`,
    {
      fix: 'Check "ready" of the workload (a path that answers below 500, {"port": true}, or a text of the output), or raise "timeout_s".',
      ...showOutput(output),
    },
  );
}

export function describeListensElsewhere(
  command: readonly string[],
  given: number,
  found: readonly number[],
  output: PrintedOutput,
): TargetError {
  const ports = `port${found.length === 1 ? '' : 's'} ${found.join(', ')}`;
  return new TargetError(
    'listens_elsewhere',
    `"${quoteCommand(command)}" listens on ${ports} and not on ${given}, which it was given.`,
    { fix: USE_THE_PORT, ...showOutput(output) },
  );
}
