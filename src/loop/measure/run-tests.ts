import { DEFAULT_TEST_TIMEOUT_S } from '../../core/efforts.ts';
import type { TestResult } from '../../core/model/experiment.ts';
import type { Goals } from '../../core/model/goals.ts';
import type { Ports } from '../../core/ports/index.ts';

/** What of a test's output is kept with the experiment, in characters: the end says what failed. */
const TAIL_CHARACTERS = 2000;

/** The project's own test command, in a checkout. */
export async function runTests(
  ports: Ports,
  correctness: Goals['correctness'],
  options: { readonly directory: string; readonly runId: string; readonly signal: AbortSignal },
): Promise<TestResult> {
  const command = correctness?.test;
  if (!command) return { status: 'not_configured' };
  const timeoutS = correctness.timeout_s ?? DEFAULT_TEST_TIMEOUT_S;
  const result = await ports.processes.run(
    {
      command,
      cwd: options.directory,
      env: { ...ports.baseEnv, CI: 'true', DEEP_OPTIMIZE_RUN: options.runId },
    },
    { timeoutMs: timeoutS * 1000, signal: options.signal },
  );
  const printed =
    `${result.stdout}\n${result.stderr}${result.startError === undefined ? '' : `\n${result.startError}`}`.trim();
  return {
    status: result.timedOut ? 'timed_out' : result.code === 0 ? 'passed' : 'failed',
    command: [...command],
    exit_code: result.code,
    output_tail: printed.slice(-TAIL_CHARACTERS),
  };
}
