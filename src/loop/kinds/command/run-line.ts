import type { ObservationScope } from '../../../core/behaviour/model.ts';
import type { CommandLine } from '../../../core/command-lines.ts';
import { DEFAULT_COMMAND_TIMEOUT_S, SETUP_TIMEOUT_S } from '../../../core/efforts.ts';
import { TargetError } from '../../../core/errors.ts';
import type { Argv, CommandWorkload } from '../../../core/model/goals.ts';
import type { CommandRun, CommandRunSpec } from '../../../core/ports/command-runs.ts';
import type { Ports } from '../../../core/ports/index.ts';
import type { CommandRequest } from './sample.ts';

export interface CommandRunRequest extends Pick<
  CommandRequest,
  'workload' | 'directory' | 'runId' | 'signal'
> {
  /** What it prints and writes is kept. */
  readonly scope?: ObservationScope;
}

/** One run: prepared before, cleaned up after whatever happened, and what it left is what the workload expects. */
export async function runLine(
  ports: Ports,
  request: CommandRunRequest,
  line: CommandLine,
  start: (spec: CommandRunSpec) => Promise<CommandRun>,
): Promise<CommandRun> {
  const { workload, signal } = request;
  const place = placeOf(ports, request);
  let cleaned = false;
  try {
    for (const command of line.prepare) await runBeside(ports, place, 'prepare', command, signal);
    const run = await start(specOf(request, line, place));
    refuseWrongEnd(workload, line, run);
    cleaned = true;
    for (const command of line.cleanup) await runBeside(ports, place, 'cleanup', command, signal);
    return run;
  } finally {
    // After a failure that one is told, whatever the cleanup does; after an abort the signal would stop the cleanup too.
    if (!cleaned) {
      for (const command of line.cleanup)
        await runBeside(ports, place, 'cleanup', command, undefined).catch(() => undefined);
    }
  }
}

interface Place {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

function placeOf(ports: Ports, { workload, directory, runId }: CommandRunRequest): Place {
  return {
    cwd: workload.cwd === undefined ? directory : `${directory}/${workload.cwd}`,
    env: { ...ports.baseEnv, ...workload.env, DEEP_OPTIMIZE_RUN: runId },
  };
}

function specOf(request: CommandRunRequest, line: CommandLine, place: Place): CommandRunSpec {
  const { workload, directory, runId, scope } = request;
  const { stdin, expect } = workload;
  return {
    ...place,
    command: line.command,
    ...(stdin === undefined ? {} : { stdinFile: `${directory}/${stdin}` }),
    timeoutMs: timeoutS(workload) * 1000,
    runId,
    ...(scope === undefined ? {} : { scope }),
    expect: {
      files: (expect?.files ?? []).map((file) => `${directory}/${file}`),
      ...(expect?.stdout_includes === undefined ? {} : { stdoutIncludes: expect.stdout_includes }),
    },
  };
}

function timeoutS({ timeout_s }: CommandWorkload): number {
  return timeout_s ?? DEFAULT_COMMAND_TIMEOUT_S;
}

async function runBeside(
  ports: Ports,
  place: Place,
  role: 'prepare' | 'cleanup',
  command: Argv,
  signal: AbortSignal | undefined,
): Promise<void> {
  const result = await ports.processes.run(
    { command, ...place },
    { timeoutMs: SETUP_TIMEOUT_S * 1000, ...(signal === undefined ? {} : { signal }) },
  );
  if (result.code === 0) return;
  const how =
    result.startError ??
    (result.timedOut
      ? `ran past ${SETUP_TIMEOUT_S} s`
      : `exit code ${result.code ?? result.signal ?? 'unknown'}`);
  throw new TargetError(
    'command_failed',
    `The ${role} command ${JSON.stringify(command)} of the workload failed: ${how}.`,
    {
      fix: `Make it succeed every time, from any state that a run can leave, or correct "${role}" with define_goals.`,
      output: lastWords(result),
    },
  );
}

/** A run that did something else than the workload says measured something else. */
function refuseWrongEnd(workload: CommandWorkload, line: CommandLine, run: CommandRun): void {
  const what = `${JSON.stringify(line.command)} of "${workload.name}"`;
  const next = [{ tool: 'define_goals', arguments: { workloads: [workload] }, why: 'correct the workload' }];
  const output = lastWords(run);
  if (run.exit.startError !== undefined)
    throw new TargetError('start_failed', `${what} could not be started (${run.exit.startError}).`, {
      fix: 'Correct "command", "cwd" or "stdin", or install the program. Git-ignored files are not in the checkout; name what it needs in "include".',
      next,
      output,
    });
  if (run.timedOut)
    throw new TargetError(
      'command_timeout',
      `${what} ran past its limit of ${timeoutS(workload)} s and was ended with everything it had started.`,
      { fix: 'Find out what it waits for, or raise "timeout_s".', next, output },
    );
  const wrong = differenceOf(workload, run);
  if (wrong !== undefined)
    throw new TargetError('expectation_failed', `${what} ${wrong}.`, {
      fix: 'Make it end as the workload expects, or correct "expect" with define_goals.',
      next,
      output,
    });
}

function differenceOf({ expect }: CommandWorkload, run: CommandRun): string | undefined {
  const expected = expect?.exit_code ?? 0;
  if (run.exit.code !== expected) {
    const how =
      run.exit.code === null ? `signal ${run.exit.signal ?? 'unknown'}` : `exit code ${run.exit.code}`;
    return `ended with ${how}, expected ${expected}`;
  }
  if (run.stdoutIncludes === false)
    return `did not print ${JSON.stringify(expect?.stdout_includes ?? '')} on its standard output`;
  const missing = (expect?.files ?? []).filter((file) =>
    run.missingFiles.some((path) => path.endsWith(`/${file}`)),
  );
  return missing.length === 0 ? undefined : `left no ${missing.join(', ')}`;
}

function lastWords({ stdout, stderr }: { readonly stdout: string; readonly stderr: string }): string {
  return stderr.trim() === '' ? stdout : stderr;
}
