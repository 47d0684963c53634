import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ChildUsage } from '../../core/ports/command-runs.ts';
import type { ProcessExit } from '../../core/ports/processes.ts';
import { loadChildUsage } from './child-usage.ts';
import { STARTED_LINE, type Launched, type LaunchPlan } from './launch-plan.ts';
import { watchStream, type WatchedStream } from './watched-stream.ts';

/**
 * Starts one command and tells what it cost. A fresh process for each run: its children are the command and nothing else, so
 * their usage needs no difference; and its small heap keeps the start cheap and the command's peak memory its own
 * (docs/adr/0014). Ends by itself, with the command, when the process that started it has died: stdin is then at its end.
 */

/** Last output is waited for this long; what was left in the background may hold the pipe for ever. */
const DRAIN_MS = 200;
/** Where all of it is compared, half of it would be a difference. */
const DRAIN_KEPT_MS = 5_000;

const [, , planFile] = process.argv;
if (planFile === undefined) {
  process.stderr.write('usage: child-launcher <plan>\n');
  process.exit(2);
}
// We lead the group that the command is in.
process.stdin.on('end', () => process.kill(-process.pid, 'SIGKILL')).resume();
// Only our own parent writes the plan, from the same build: the shape is the type.
const plan = JSON.parse(readFileSync(planFile, 'utf8')) as LaunchPlan;
// It holds the environment, secrets too; whoever is killed now leaves none behind.
rmSync(planFile);
const launched = await launch(plan);
process.stdout.write(`${JSON.stringify(launched)}\n`, () => process.exit(0));

async function launch(plan: LaunchPlan): Promise<Launched> {
  const childUsage = await loadChildUsage();
  const stdout = watchStream(plan.expect.stdoutIncludes);
  const stderr = watchStream();
  const kept = plan.stdoutFile === undefined ? undefined : openSync(plan.stdoutFile, 'w');
  let startedNs = 0n;
  let ended: Ended;
  try {
    startedNs = process.hrtime.bigint();
    const child = start(plan, [stdout, stderr]);
    if (kept !== undefined) child.stdout?.on('data', (chunk: Buffer) => writeSync(kept, chunk));
    process.stdout.write(`${STARTED_LINE}\n`);
    ended = await endOf(child, plan, childUsage);
  } catch (error) {
    // The input file, or a vector that cannot be started at all.
    ended = notStarted(error);
  }
  const { user, system } = process.cpuUsage();
  return {
    exit: ended.exit,
    timedOut: ended.timedOut,
    wallMs: Number(ended.endedNs - startedNs) / 1e6,
    usage: ended.usage,
    launcherCpuUs: user + system,
    stdoutIncludes: stdout.found(),
    missingFiles: plan.expect.files.filter((file) => !existsSync(file)),
    stdout: stdout.tail(),
    stderr: stderr.tail(),
  };
}

function start(plan: LaunchPlan, [stdout, stderr]: readonly [WatchedStream, WatchedStream]): ChildProcess {
  const [program = '', ...args] = plan.command;
  const input = plan.stdinFile === undefined ? undefined : openSync(plan.stdinFile, 'r');
  try {
    const child = spawn(program, args, {
      cwd: plan.cwd,
      env: { ...plan.env, ...ownMarks() },
      stdio: [input ?? 'ignore', 'pipe', 'pipe'],
      windowsHide: true,
    });
    child.stdout?.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr?.on('data', (chunk: Buffer) => stderr.push(chunk));
    return child;
  } finally {
    if (input !== undefined) closeSync(input);
  }
}

/** What the processes of this run and tree are found by; a command that leaves our session carries it on. */
function ownMarks(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      name.startsWith('DEEP_OPTIMIZE_') && value !== undefined ? [[name, value]] : [],
    ),
  );
}

interface Ended extends Pick<Launched, 'exit' | 'timedOut' | 'usage'> {
  readonly endedNs: bigint;
}

/** At the limit the command still runs: who started us ends the whole tree. */
async function endOf(
  child: ChildProcess,
  { timeoutMs, stdoutFile }: LaunchPlan,
  childUsage: (() => ChildUsage | null) | undefined,
): Promise<Ended> {
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const ended = new Promise<Ended>((resolve) => {
    child.once('exit', (code, signal) => {
      const endedNs = process.hrtime.bigint();
      resolve({ exit: { code, signal }, timedOut: false, usage: childUsage?.() ?? null, endedNs });
    });
    child.once('error', (error) => resolve(notStarted(error)));
  });
  const limit = sleep(timeoutMs).then((): Ended => {
    const exit: ProcessExit = { code: null, signal: null };
    return { exit, timedOut: true, usage: null, endedNs: process.hrtime.bigint() };
  });
  const first = await Promise.race([ended, limit]);
  const drainMs = stdoutFile === undefined ? DRAIN_MS : DRAIN_KEPT_MS;
  if (!first.timedOut && first.exit.startError === undefined) await Promise.race([closed, sleep(drainMs)]);
  return first;
}

function notStarted(error: unknown): Ended {
  const startError = error instanceof Error ? error.message : String(error);
  return {
    exit: { code: null, signal: null, startError },
    timedOut: false,
    usage: null,
    endedNs: process.hrtime.bigint(),
  };
}
