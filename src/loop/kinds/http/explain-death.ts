import { EnvironmentError, TargetError } from '../../../core/errors.ts';
import type { Target } from '../../../core/ports/target.ts';

/** A load that failed because the program died is the program's failure, told with its last words. */
export async function explainDeath(target: Target, error: unknown, signal: AbortSignal): Promise<unknown> {
  if (signal.aborted) return error;
  const exit = await Promise.race([target.exited, Promise.resolve(undefined)]);
  if (!exit) return error;
  const how = exit.signal === null ? `exit code ${exit.code ?? 'unknown'}` : `signal ${exit.signal}`;
  const { stderr, stdout } = target.output();
  return new TargetError('target_died', `The program ended while it was measured (${how}).`, {
    fix: 'Make it survive the load of the workload (its last output is below), or lower "load".',
    output: stderr.trim() === '' ? stdout : stderr,
    cause: error instanceof EnvironmentError ? error : undefined,
  });
}
