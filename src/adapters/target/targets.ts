import { setTimeout as sleep } from 'node:timers/promises';
import type { TargetError } from '../../core/errors.ts';
import { InternalError } from '../../core/errors.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { ManagedProcess, Processes, ProcessExit } from '../../core/ports/processes.ts';
import type { Target, Targets, TargetSpec } from '../../core/ports/target.ts';
import { findFreePort } from './free-port.ts';
import { findListeningPorts } from './listening-ports.ts';
import { watchV8Logs } from './native-logs.ts';
import { nameCodeInNodeOptions, requireInNodeOptions } from './node-options.ts';
import type { ProbeServer } from './probe/probe-server.ts';
import { createProbeServer } from './probe/probe-server.ts';
import { MODE_VARIABLE, ADDRESS_VARIABLE } from './probe/protocol.ts';
import { lookWhetherReady } from './readiness.ts';
import {
  describeFailedStart,
  describeListensElsewhere,
  describeNeverReady,
  describeTakenPort,
  findTakenPort,
} from './start-failures.ts';

export interface TargetsOptions {
  readonly processes: Processes;
  /** Absolute path of the bundled probe (entry probe/preload.ts). */
  readonly probeFile: string;
  readonly clock?: Pick<Clock, 'monotonicMs'>;
}

const LOOK_EVERY_MS = 25;
/** A port accepts connections before the program has run its first turn, in which the probe says hello. A program that is not Node.js costs this wait. */
const HELLO_LIMIT_MS = 250;
/** How often a start is repeated when somebody else took the port between our look and the program's. */
const PORT_ATTEMPTS = 3;

const NO_PROBES: readonly never[] = [];

/** A start that failed only because its free port was no longer free. */
class PortLost extends Error {
  readonly report: TargetError;

  constructor(report: TargetError) {
    super(report.message);
    this.report = report;
  }
}

type Outcome =
  | { readonly kind: 'ready'; readonly host: string }
  | { readonly kind: 'exited'; readonly exit: ProcessExit }
  | { readonly kind: 'late'; readonly missing: string };

function buildEnvironment(
  spec: TargetSpec,
  port: number,
  probeFile: string,
  probes: ProbeServer | undefined,
): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(spec.env)) env[name] = value.replaceAll('{port}', String(port));
  env['PORT'] = String(port);
  env['DEEP_OPTIMIZE_RUN'] = spec.runId;
  if (probes !== undefined) {
    env[ADDRESS_VARIABLE] = probes.address;
    env[MODE_VARIABLE] = spec.probe;
    env['NODE_OPTIONS'] = requireInNodeOptions(env['NODE_OPTIONS'], probeFile);
  }
  if (spec.probe === 'native') env['NODE_OPTIONS'] = nameCodeInNodeOptions(env['NODE_OPTIONS']);
  return env;
}

/** Starts programs under measurement, waits until they serve, and speaks with the probes in them. */
export function createTargets(options: TargetsOptions): Targets {
  const { processes, probeFile } = options;
  const monotonicMs = options.clock?.monotonicMs.bind(options.clock) ?? (() => performance.now());

  async function waitUntilReady(
    spec: TargetSpec,
    port: number,
    child: ManagedProcess,
    sawLine: () => boolean,
    signal: AbortSignal,
  ): Promise<Outcome> {
    const end = monotonicMs() + spec.timeoutMs;
    let exit: ProcessExit | undefined;
    void child.exited.then((how) => (exit = how));
    let missing = 'it was not looked at';
    // Both are set from outside the loop, between its awaits.
    const ended = (): ProcessExit | undefined => exit;
    while (monotonicMs() < end) {
      signal.throwIfAborted();
      const look = await lookWhetherReady(spec.ready, { scheme: spec.scheme ?? 'http', port }, sawLine());
      const how = ended();
      // Looked at first: what answers on the port of a program that is gone is somebody else.
      if (how !== undefined) return { kind: 'exited', exit: how };
      if (look.host !== undefined) return { kind: 'ready', host: look.host };
      missing = look.missing;
      await Promise.race([child.exited, sleep(LOOK_EVERY_MS)]);
    }
    signal.throwIfAborted();
    const how = ended();
    return how === undefined ? { kind: 'late', missing } : { kind: 'exited', exit: how };
  }

  async function explain(
    spec: TargetSpec,
    port: number,
    child: ManagedProcess,
    outcome: Exclude<Outcome, { kind: 'ready' }>,
  ): Promise<Error> {
    const output = child.output();
    const taken = findTakenPort(output);
    if (taken !== undefined) {
      const report = describeTakenPort(spec.command, taken, output);
      return taken === port ? new PortLost(report) : report;
    }
    if (outcome.kind === 'exited') return describeFailedStart(spec.command, spec.cwd, outcome.exit, output);
    const ports = findListeningPorts((await child.usage()).pids);
    return ports.length > 0 && !ports.includes(port)
      ? describeListensElsewhere(spec.command, port, ports, output)
      : describeNeverReady(spec.command, spec.timeoutMs, outcome.missing, output);
  }

  async function startOnce(spec: TargetSpec, signal: AbortSignal): Promise<Target> {
    const hasProbe = spec.probe !== 'none' && spec.probe !== 'native';
    const probes = hasProbe ? await createProbeServer(spec.runId) : undefined;
    const removeLogs = spec.probe === 'native' ? await watchV8Logs(spec.cwd) : undefined;
    let child: ManagedProcess | undefined;
    const end = async (): Promise<void> => {
      try {
        await child?.kill();
      } finally {
        await Promise.all([probes?.close(), removeLogs?.()]);
      }
    };
    try {
      const port = await findFreePort();
      signal.throwIfAborted();
      const wanted = 'output' in spec.ready ? spec.ready.output : undefined;
      let sawLine = false;
      const startedAt = monotonicMs();
      child = processes.spawn({
        command: spec.command.map((word) => word.replaceAll('{port}', String(port))),
        cwd: spec.cwd,
        env: buildEnvironment(spec, port, probeFile, probes),
        ...(spec.cpus === undefined ? {} : { cpus: spec.cpus }),
        ...(wanted === undefined
          ? {}
          : {
              onLine: (line: string) => {
                sawLine ||= line.includes(wanted);
              },
            }),
      });
      const outcome = await waitUntilReady(spec, port, child, () => sawLine, signal);
      if (outcome.kind !== 'ready') throw await explain(spec, port, child, outcome);
      const startupMs = monotonicMs() - startedAt;
      await probes?.waitForHello(HELLO_LIMIT_MS);
      if (spec.probe === 'telemetry') await probes?.rehearse(signal);
      return describeTarget(child, {
        scheme: spec.scheme ?? 'http',
        host: outcome.host,
        port,
        startupMs,
        probes,
        end,
      });
    } catch (error) {
      await end();
      throw error;
    }
  }

  return {
    async start(spec, signal) {
      signal.throwIfAborted();
      for (let attempt = 1; ; attempt++) {
        try {
          return await startOnce(spec, signal);
        } catch (error) {
          if (!(error instanceof PortLost)) throw error;
          if (attempt === PORT_ATTEMPTS) throw error.report;
        }
      }
    },
  };
}

interface StartedTarget {
  readonly scheme: 'http' | 'https';
  readonly host: string;
  readonly port: number;
  readonly startupMs: number;
  readonly probes: ProbeServer | undefined;
  readonly end: () => Promise<void>;
}

function describeTarget(child: ManagedProcess, started: StartedTarget): Target {
  const { scheme, host, port, startupMs, probes, end } = started;
  let open: 'window' | 'profile' | 'trace' | 'heap sampling' | undefined;
  // Under the profiler an idle loop looks busy (utilization 0.94 instead of 0.0002), and tracing costs: they never overlap.
  const enter = (what: NonNullable<typeof open>): void => {
    if (open !== undefined) {
      throw new InternalError('internal', `A ${what} was asked for while a ${open} was open.`, {
        fix: 'Report this as a defect.',
      });
    }
    open = what;
  };
  return {
    origin: `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`,
    port,
    pid: child.pid ?? 0,
    startupMs,
    exited: child.exited,
    usage: () => child.usage(),
    output: () => child.output(),
    probeCount: () => probes?.hellos().length ?? 0,
    async openWindow() {
      enter('window');
      await probes?.openWindow();
    },
    async closeWindow() {
      open = undefined;
      return (await probes?.closeWindow()) ?? NO_PROBES;
    },
    async startProfile({ intervalUs }) {
      enter('profile');
      await probes?.startProfile(intervalUs);
    },
    async stopProfile() {
      open = undefined;
      return (await probes?.stopProfile()) ?? NO_PROBES;
    },
    async startTrace() {
      enter('trace');
      await probes?.startTrace();
    },
    async stopTrace() {
      open = undefined;
      return (await probes?.stopTrace()) ?? NO_PROBES;
    },
    async startHeapSampling(options) {
      enter('heap sampling');
      await probes?.startHeapSampling(options);
    },
    async stopHeapSampling() {
      open = undefined;
      return (await probes?.stopHeapSampling()) ?? NO_PROBES;
    },
    heapAfterGc: async () => (await probes?.heapAfterGc()) ?? NO_PROBES,
    stop: end,
  };
}
