import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { InternalError } from '../../core/errors.ts';
import type {
  CommandRun,
  CommandRuns,
  CommandRunSpec,
  StartOverhead,
} from '../../core/ports/command-runs.ts';
import type { ManagedProcess, Processes } from '../../core/ports/processes.ts';
import { median } from '../../core/stats/order-statistics.ts';
import { temporaryPrefix } from '../../core/temporary-names.ts';
import { createInstructionCounter } from './count-instructions.ts';
import { STARTED_LINE, type Launched, type LaunchPlan } from './launch-plan.ts';
import { launchedSchema } from './launched-schema.ts';
import { readSeen } from './read-seen.ts';

export interface CommandRunsOptions {
  readonly processes: Processes;
  /** Built file of `child-launcher.ts`. */
  readonly launcherFile: string;
}

/** Start, report and end of the launcher on a busy machine, beside the command's own limit. */
const LAUNCHER_MS = 60_000;

/** The launcher's result holds two tails of 16 KiB, escaped as JSON. */
const KEEP_BYTES = 512 * 1024;

/** What a Node.js process needs of our environment to start at all (the last three on Windows). */
const INHERITED = ['PATH', 'SystemRoot', 'TEMP', 'TMP'];

/** The first look at the tree comes this long after the start. */
const FIRST_LOOK_MS = 20;
/** As for services: the peak of interest lasts, and each look reads every process of the tree. */
const LONGEST_BETWEEN_LOOKS_MS = 200;
/** Later looks come at this share of the time that has passed: so the last one is near the end of short commands too. */
const LOOK_SHARE = 0.2;

const OVERHEAD_RUNS = 5;
const OVERHEAD_LIMIT_MS = 20_000;

/** One fresh launcher for each run. */
export function createCommandRuns(options: CommandRunsOptions): CommandRuns {
  const run: CommandRuns['run'] = (spec, signal) => runOnce(options, spec, signal);
  let overhead: Promise<StartOverhead | null> | undefined;
  return {
    run,
    countInstructions: createInstructionCounter(run),
    async startOverhead(runId, signal) {
      overhead ??= measureOverhead(run, runId, signal);
      try {
        return await overhead;
      } catch (error) {
        // An abort is of this one run; the next one asks again.
        overhead = undefined;
        throw error;
      }
    },
  };
}

async function runOnce(
  { processes, launcherFile }: CommandRunsOptions,
  spec: CommandRunSpec,
  signal: AbortSignal,
): Promise<CommandRun> {
  signal.throwIfAborted();
  const directory = await mkdtemp(join(tmpdir(), temporaryPrefix('command', spec.runId)));
  // Read and removed by the launcher.
  const planFile = join(directory, 'plan.json');
  let launcher: ManagedProcess | undefined;
  let looks: ReturnType<typeof watchMemory> | undefined;
  try {
    const stdoutFile = spec.scope === undefined ? undefined : join(directory, 'stdout');
    await writeFile(planFile, JSON.stringify(planOf(spec, stdoutFile)), { mode: 0o600 });
    let tellStarted: () => void = () => undefined;
    const started = new Promise<void>((resolve) => (tellStarted = resolve));
    launcher = processes.spawn({
      command: [process.execPath, launcherFile, planFile],
      cwd: directory,
      env: { ...inheritedEnvironment(), DEEP_OPTIMIZE_RUN: spec.runId },
      keepBytes: KEEP_BYTES,
      onLine: (line) => {
        if (line === STARTED_LINE) tellStarted();
      },
    });
    looks = watchMemory(launcher, started);
    const ended = await endOf(launcher, spec.timeoutMs + LAUNCHER_MS, signal);
    const sampledRssBytes = await looks.stop();
    const launched = parseResult(launcher.output().stdout);
    if (launched === undefined) throw describeFailure(launcher, ended);
    const leftRunning = launched.timedOut ? 0 : (await launcher.descendants()).pids.length;
    const seen = stdoutFile === undefined ? {} : { seen: await readSeen(spec, stdoutFile) };
    return { ...launched, sampledRssBytes, leftRunning, ...seen };
  } finally {
    await looks?.stop();
    await launcher?.kill();
    await rm(directory, { recursive: true, force: true });
  }
}

function planOf(spec: CommandRunSpec, stdoutFile: string | undefined): LaunchPlan {
  const { command, cwd, env, timeoutMs, expect, stdinFile } = spec;
  return {
    command,
    cwd,
    env,
    timeoutMs,
    expect,
    ...(stdinFile === undefined ? {} : { stdinFile }),
    ...(stdoutFile === undefined ? {} : { stdoutFile }),
  };
}

function inheritedEnvironment(): Readonly<Record<string, string>> {
  const inherited = INHERITED.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(inherited);
}

type LauncherEnd = Awaited<ManagedProcess['exited']> | 'late';

async function endOf(launcher: ManagedProcess, limitMs: number, signal: AbortSignal): Promise<LauncherEnd> {
  const over = new AbortController();
  const aborted = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), {
      once: true,
      signal: over.signal,
    });
  });
  const late = sleep(limitMs, 'late' as const, { signal: over.signal }).catch(() => 'late' as const);
  try {
    return await Promise.race([launcher.exited, late, aborted]);
  } finally {
    over.abort();
  }
}

function watchMemory(launcher: ManagedProcess, started: Promise<void>): { stop(): Promise<number | null> } {
  const done = new AbortController();
  const stopped = new Promise<void>((resolve) =>
    done.signal.addEventListener('abort', () => resolve(), { once: true }),
  );
  const watching = (async () => {
    let peak: number | null = null;
    await Promise.race([started, stopped]);
    const startedMs = performance.now();
    while (!done.signal.aborted) {
      const passedMs = performance.now() - startedMs;
      const pauseMs = Math.min(LONGEST_BETWEEN_LOOKS_MS, Math.max(FIRST_LOOK_MS, passedMs * LOOK_SHARE));
      const isTime = await sleep(pauseMs, true, { signal: done.signal }).catch(() => false);
      if (!isTime) break;
      const { rssBytes, pids } = await launcher.descendants();
      if (pids.length > 0) peak = Math.max(peak ?? 0, rssBytes);
    }
    return peak;
  })();
  return {
    stop: () => {
      done.abort();
      return watching;
    },
  };
}

/** The last line is the result. */
function parseResult(stdout: string): Launched | undefined {
  const line = stdout.trimEnd().split('\n').at(-1) ?? '';
  try {
    return launchedSchema.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}

function describeFailure(launcher: ManagedProcess, ended: LauncherEnd): InternalError {
  const end =
    ended === 'late'
      ? 'did not end after its limit and was killed'
      : `ended without a result (${ended.startError ?? `exit code ${String(ended.code)}, signal ${String(ended.signal)}`})`;
  return new InternalError('internal', `The launcher of the command ${end}.`, {
    fix: 'Measure again; if it stays so, report it with the output.',
    output: launcher.output().stderr,
  });
}

/** The first run fills caches and is not counted. */
async function measureOverhead(
  run: CommandRuns['run'],
  runId: string,
  signal: AbortSignal,
): Promise<StartOverhead | null> {
  const spec: CommandRunSpec = {
    command: process.platform === 'win32' ? ['cmd.exe', '/d', '/s', '/c', 'exit 0'] : ['true'],
    cwd: tmpdir(),
    env: inheritedEnvironment(),
    timeoutMs: OVERHEAD_LIMIT_MS,
    runId,
    expect: { files: [] },
  };
  const runs: CommandRun[] = [];
  for (let index = 0; index <= OVERHEAD_RUNS; index++) {
    const noop = await run(spec, signal);
    if (noop.exit.code !== 0) return null;
    if (index > 0) runs.push(noop);
  }
  const usages = runs.flatMap(({ usage }) => usage ?? []);
  const known = usages.length === runs.length;
  return {
    wallMs: median(runs.map(({ wallMs }) => wallMs)),
    cpuUs: known ? median(usages.map(({ userUs, systemUs }) => userUs + systemUs)) : null,
    rssBytes: known ? Math.max(...usages.map(({ largestRssBytes }) => largestRssBytes)) : null,
  };
}
