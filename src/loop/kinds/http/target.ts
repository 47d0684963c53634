import { DEFAULT_START_TIMEOUT_S } from '../../../core/efforts.ts';
import type { HttpWorkload } from '../../../core/model/goals.ts';
import type { Ports } from '../../../core/ports/index.ts';
import type { Target, TargetSpec } from '../../../core/ports/target.ts';

export interface StartOptions {
  readonly runId: string;
  /** Absolute path of the checkout that the program starts in. */
  readonly directory: string;
  readonly probe: TargetSpec['probe'];
  readonly signal: AbortSignal;
}

/** Starts the program of an http workload in a checkout. */
export async function startTarget(
  ports: Ports,
  workload: HttpWorkload,
  options: StartOptions,
): Promise<Target> {
  const { start } = workload;
  const cpus = ports.machine.cpuPlan()?.target;
  return await ports.targets.start(
    {
      command: start.command,
      cwd: start.cwd === undefined ? options.directory : `${options.directory}/${start.cwd}`,
      env: { ...ports.baseEnv, ...start.env },
      ready: start.ready ?? { port: true },
      timeoutMs: (start.timeout_s ?? DEFAULT_START_TIMEOUT_S) * 1000,
      ...(cpus === undefined ? {} : { cpus }),
      probe: options.probe,
      runId: options.runId,
    },
    options.signal,
  );
}
