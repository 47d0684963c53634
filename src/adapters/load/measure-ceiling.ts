import { EnvironmentError } from '../../core/errors.ts';
import type { CeilingRequest, ClosedLoopPlan, LoadCeiling, LoadResult } from '../../core/ports/load.ts';
import type { ManagedProcess, Processes } from '../../core/ports/processes.ts';

/** Long enough that a pause of the machine is a small part of it. */
const WINDOW_MS = 1_000;
const WARM_UP_MS = 500;
const START_LIMIT_MS = 20_000;

export interface CeilingOptions {
  readonly processes: Processes;
  /** Command of the server that does nothing. */
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly closedLoop: (plan: ClosedLoopPlan, signal: AbortSignal) => Promise<LoadResult>;
}

/** The closed loop against a server that does nothing, in a process of its own and on the cores that a target has. */
export async function measureCeiling(
  { processes, command, env, closedLoop }: CeilingOptions,
  { connections, journeys, cpus, runId }: CeilingRequest,
  signal: AbortSignal,
): Promise<LoadCeiling> {
  let tellPort: (port: string) => void = () => undefined;
  const port = new Promise<string>((resolve) => (tellPort = resolve));
  const server = processes.spawn({
    command,
    cwd: process.cwd(),
    env: { ...env, DEEP_OPTIMIZE_RUN: runId },
    onLine: (line, stream) => {
      if (stream === 'stdout') tellPort(line.trim());
    },
    ...(cpus === undefined ? {} : { cpus: cpus.target }),
  });
  try {
    const request = { name: 'nothing', method: 'GET', path: '/', headers: {}, weight: 1, expect: {} };
    const { answered, durationMs, generator } = await closedLoop(
      {
        origin: `http://127.0.0.1:${await whenListening(server, port, signal)}`,
        requests: journeys ? [] : [request],
        ...(journeys ? { journeys: [{ name: 'nothing', weight: 1, cookies: false, steps: [request] }] } : {}),
        connections,
        warmupMs: WARM_UP_MS,
        durationMs: WINDOW_MS,
        seed: 1,
        runId,
        ...(cpus === undefined ? {} : { cpus: cpus.generator }),
      },
      signal,
    );
    return { requestsPerS: (answered / durationMs) * 1_000, generatorCpuShare: generator.cpuShare };
  } finally {
    await server.kill();
  }
}

async function whenListening(
  server: ManagedProcess,
  port: Promise<string>,
  signal: AbortSignal,
): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), START_LIMIT_MS);
  });
  try {
    const ended = server.exited.then(() => undefined);
    const found = await Promise.race([port, ended, late]);
    signal.throwIfAborted();
    if (found !== undefined) return found;
    throw new EnvironmentError('generator_failed', 'The server for the ceiling of the load did not start.', {
      fix: 'Check that the node program that runs deep-optimize can be executed, and that 127.0.0.1 can be listened on.',
      output: server.output().stderr,
    });
  } finally {
    clearTimeout(timer);
  }
}
