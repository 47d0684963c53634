import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NativeRecordingRequest, SampledProgram, SampledRun } from '../../core/ports/native-profiler.ts';
import type { CommandResult } from '../../core/ports/processes.ts';
import type { SamplerContext } from './native-profiler.ts';

/** Each sample stops the program for as long as reading its stacks takes, about 0.1 ms. */
const RATE_PER_S = 199;
const GRACE_MS = 20_000;

/**
 * Only what holds the interpreter's lock is counted: that agrees with the CPU time of the process (1.67 of 1.71 s on a
 * service of threads), while without it py-spy takes threads that wait in recv for busy ones (3.4 s).
 */
const RECORD = ['py-spy', 'record', '--subprocesses', '--full-filenames', '--gil'].concat([
  '--format',
  'raw',
  '--rate',
  String(RATE_PER_S),
]);

export interface Refused {
  readonly reason: string;
}

/** Collapsed stacks of a Python process and of those that it started, or why there are none. */
export async function recordWithPySpy(
  { processes, env }: SamplerContext,
  { pid, durationMs, signal }: NativeRecordingRequest & { readonly pid: number },
): Promise<string | Refused> {
  const { directory, file } = await openPlace();
  try {
    // Whole seconds are all that it takes.
    const seconds = String(Math.max(1, Math.floor(durationMs / 1000)));
    const recorded = await processes.run(
      {
        command: [...RECORD, '--pid', String(pid), '--output', file, '--duration', seconds],
        cwd: directory,
        env,
      },
      { timeoutMs: durationMs + GRACE_MS, signal },
    );
    return refusal(recorded) ?? (await readFile(file, 'utf8'));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Long enough that py-spy finds its interpreter; what ends before is an error of py-spy. */
const TRIED = 'import time; time.sleep(0.5)';

/** Of a program of Python that py-spy starts, or why it cannot. */
export async function startUnderPySpy(
  { processes }: SamplerContext,
  { command, cwd, env }: SampledProgram,
  signal: AbortSignal,
): Promise<(Omit<SampledRun, 'read'> & { read(): Promise<string> }) | Refused> {
  const { directory, file } = await openPlace();
  const close = () => rm(directory, { recursive: true, force: true });
  try {
    const [python = 'python3'] = command;
    const tried = await processes.run(
      { command: [...RECORD, '--output', file, '--', python, '-c', TRIED], cwd, env },
      { timeoutMs: GRACE_MS, signal },
    );
    const refused = refusal(tried);
    if (refused !== undefined) {
      await close();
      return refused;
    }
  } catch (error) {
    await close();
    throw error;
  }
  return {
    command: [...RECORD, '--output', file, '--', ...command],
    env,
    read: () => readFile(file, 'utf8'),
    close,
  };
}

async function openPlace(): Promise<{ readonly directory: string; readonly file: string }> {
  const directory = await mkdtemp(join(tmpdir(), 'deep-optimize-py-spy-'));
  return { directory, file: join(directory, 'stacks.txt') };
}

function refusal({ code, startError, stderr, stdout }: CommandResult): Refused | undefined {
  if (startError !== undefined) return { reason: 'py-spy is not installed.' };
  if (code === 0) return undefined;
  const [line = 'it gave no reason'] = `${stderr}\n${stdout}`
    .split('\n')
    .filter((text) => /error|permission|denied/i.test(text));
  return { reason: `py-spy could not look at the program: ${line.trim().slice(0, 200)}.` };
}
