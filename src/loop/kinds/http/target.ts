import { DEFAULT_START_TIMEOUT_S } from '../../../core/efforts.ts';
import { InternalError } from '../../../core/errors.ts';
import type { HttpWorkload } from '../../../core/model/goals.ts';
import type { Ports } from '../../../core/ports/index.ts';
import type { Target, TargetSpec } from '../../../core/ports/target.ts';

export interface StartOptions {
  readonly runId: string;
  /** Absolute path of the checkout that the program starts in. */
  readonly directory: string;
  readonly probe: TargetSpec['probe'];
  /** Beside that of the workload, which wins. */
  readonly env?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** What load goes to: a process of ours, or a service that somebody else started, of whose processes nothing is known. */
export interface Service {
  readonly origin: string;
  readonly process: Target | null;
  stop(): Promise<void>;
}

export async function openService(
  ports: Ports,
  workload: HttpWorkload,
  options: StartOptions,
): Promise<Service> {
  if (workload.attach !== undefined) {
    return {
      origin: workload.attach.url.replace(/\/$/, ''),
      process: null,
      stop: () => Promise.resolve(),
    };
  }
  const target = await startTarget(ports, workload, options);
  return { origin: target.origin, process: target, stop: () => target.stop() };
}

/** Starts the program of an http workload in a checkout. */
export async function startTarget(
  ports: Ports,
  workload: HttpWorkload,
  options: StartOptions,
): Promise<Target> {
  const { start } = workload;
  if (start === undefined) {
    throw new InternalError('internal', `Workload "${workload.name}" has nothing to start.`, {
      fix: 'Report this as a defect.',
    });
  }
  const cpus = ports.machine.cpuPlan()?.target;
  return await ports.targets.start(
    {
      command: start.command,
      cwd: start.cwd === undefined ? options.directory : `${options.directory}/${start.cwd}`,
      env: { ...ports.baseEnv, ...options.env, ...start.env },
      ready: start.ready ?? { port: true },
      scheme: start.scheme ?? 'http',
      timeoutMs: (start.timeout_s ?? DEFAULT_START_TIMEOUT_S) * 1000,
      ...(cpus === undefined ? {} : { cpus }),
      probe: options.probe,
      runId: options.runId,
    },
    options.signal,
  );
}
