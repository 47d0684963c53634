import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EnvironmentError } from '../../core/errors.ts';
import type { NativeRecordingRequest, SampledProgram, SampledRun } from '../../core/ports/native-profiler.ts';
import type { CommandResult } from '../../core/ports/processes.ts';
import type { SamplerContext } from './native-profiler.ts';

/** Not a multiple of 10, so that it does not walk in step with timers. */
const FREQUENCY_HZ = 499;
/** What a window of 10 s on 8 busy cores writes, several times. */
const MAX_TEXT_BYTES = 256 * 2 ** 20;
/** Starting, writing the file, and reading the symbols of large programs. */
const RECORD_GRACE_MS = 20_000;
const SCRIPT_LIMIT_MS = 60_000;
/** Where Node.js writes names of compiled JavaScript: fixed by V8 and by perf (tools/perf/Documentation/jit-interface.txt). */
const JIT_MAPS = '/tmp';

/**
 * Call chains by the CPU clock: hardware counters are not there in most virtual machines. They follow frame pointers, which
 * Node.js keeps in JavaScript; DWARF would copy 8 kB of stack for each sample.
 */
const RECORD = ['perf', 'record', '-q', '-e', 'cpu-clock', '-F', String(FREQUENCY_HZ), '-g'];

/** Of all threads of the processes. */
export async function recordWithPerf(
  context: SamplerContext,
  { pids, durationMs, signal }: NativeRecordingRequest,
): Promise<string> {
  const place = await openPlace();
  const seconds = (durationMs / 1000).toFixed(2);
  const maps = new Set(pids);
  try {
    const recorded = await context.processes.run(
      {
        command: [...RECORD, '-p', pids.join(','), '-o', place.file, '--', 'sleep', seconds],
        cwd: place.directory,
        env: context.env,
      },
      { timeoutMs: durationMs + RECORD_GRACE_MS, signal },
    );
    if (recorded.code !== 0) throw refusal(recorded);
    return await tell(context, place, maps, signal);
  } finally {
    await clear(place, maps);
  }
}

/** Of a program that perf starts, and of all that it starts. */
export async function startUnderPerf(
  context: SamplerContext,
  { command, env }: SampledProgram,
  signal: AbortSignal,
): Promise<Omit<SampledRun, 'read'> & { read(signal: AbortSignal): Promise<string> }> {
  const place = await openPlace();
  const maps = new Set<number>();
  try {
    // It would refuse the program too, and the program would seem to have failed.
    const tried = await context.processes.run(
      { command: [...RECORD, '-o', place.file, '--', 'true'], cwd: place.directory, env: context.env },
      { timeoutMs: RECORD_GRACE_MS, signal },
    );
    if (tried.code !== 0) throw refusal(tried);
  } catch (error) {
    await clear(place, maps);
    throw error;
  }
  return {
    command: [...RECORD, '-o', place.file, '--', ...command],
    env,
    read: (ofRead) => tell(context, place, maps, ofRead),
    close: () => clear(place, maps),
  };
}

/** `PERF_RECORD_FORK(child:thread):(…)`, `PERF_RECORD_COMM exec: name:pid/thread`, of every process, sampled or not. */
const TASK_EVENT = /\sPERF_RECORD_(?:(?:FORK|EXIT)\((\d+):|COMM(?: exec)?: .*:(\d+)\/)/;

interface Place {
  readonly directory: string;
  readonly file: string;
}

async function openPlace(): Promise<Place> {
  const directory = await mkdtemp(join(tmpdir(), 'deep-optimize-perf-'));
  return { directory, file: join(directory, 'perf.data') };
}

/** The stacks as text. `maps` gets the processes that were seen: those of Node.js have left a map of names. */
async function tell(
  context: SamplerContext,
  { directory, file }: Place,
  maps: Set<number>,
  signal: AbortSignal,
): Promise<string> {
  const told = await context.processes.run(
    {
      // Inlined frames would be asked for one by one; symbols of the distribution would come over the network.
      command: ['perf', 'script', '-i', file, '--no-inline', '--show-task-events'],
      cwd: directory,
      env: { ...context.env, DEBUGINFOD_URLS: '' },
      keepBytes: MAX_TEXT_BYTES,
    },
    { timeoutMs: SCRIPT_LIMIT_MS, signal },
  );
  if (told.code !== 0) throw refusal(told);
  const lines = told.stdout.split('\n');
  for (const line of lines) {
    const [, forked, named] = TASK_EVENT.exec(line) ?? [];
    const pid = forked ?? named;
    if (pid !== undefined) maps.add(Number(pid));
  }
  return lines.filter((line) => !TASK_EVENT.test(line)).join('\n');
}

async function clear({ directory }: Place, maps: ReadonlySet<number>): Promise<void> {
  await rm(directory, { recursive: true, force: true });
  await Promise.all([...maps].map((pid) => rm(join(JIT_MAPS, `perf-${pid}.map`), { force: true })));
}

function refusal({ startError, stderr, timedOut }: CommandResult): EnvironmentError {
  if (startError !== undefined) {
    return unavailable(
      'perf is not installed.',
      'apt install linux-perf (Debian) or linux-tools-generic (Ubuntu).',
    );
  }
  if (timedOut) return unavailable('perf did not come to an end.', 'Try perf by hand.', stderr);
  if (/perf_event_paranoid|permission|EPERM|EACCES|not permitted/i.test(stderr)) {
    return unavailable(
      'perf is not permitted to look at the program.',
      'sysctl kernel.perf_event_paranoid=1, or give this server the capability CAP_PERFMON; a container needs it too.',
      stderr,
    );
  }
  return unavailable(
    'perf could not record the program.',
    'Try "perf record -e cpu-clock -p PID" by hand.',
    stderr,
  );
}

function unavailable(message: string, fix: string, output?: string): EnvironmentError {
  return new EnvironmentError('native_profiler_unavailable', message, {
    fix,
    ...(output === undefined ? {} : { output }),
  });
}
