import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NativeRecordingRequest } from '../../core/ports/native-profiler.ts';
import type { SamplerContext } from './native-profiler.ts';

/** Each sample stops the program for as long as reading its stacks takes, about 0.1 ms. */
const RATE_PER_S = 199;
const GRACE_MS = 20_000;

/**
 * Only what holds the interpreter's lock is counted: that agrees with the CPU time of the process (1.67 of 1.71 s on a
 * service of threads), while without it py-spy takes threads that wait in recv for busy ones (3.4 s).
 *
 * Collapsed stacks of a Python process and of those that it started, or why there are none.
 */
export async function recordWithPySpy(
  { processes, env }: SamplerContext,
  { pid, durationMs, signal }: NativeRecordingRequest & { readonly pid: number },
): Promise<string | { readonly reason: string }> {
  const directory = await mkdtemp(join(tmpdir(), 'deep-optimize-py-spy-'));
  const file = join(directory, 'stacks.txt');
  try {
    const { code, startError, stderr, stdout } = await processes.run(
      {
        command: [
          ...['py-spy', 'record', '--pid', String(pid), '--subprocesses', '--full-filenames', '--gil'],
          ...['--format', 'raw', '--rate', String(RATE_PER_S), '--output', file],
          // Whole seconds are all that it takes.
          ...['--duration', String(Math.max(1, Math.floor(durationMs / 1000)))],
        ],
        cwd: directory,
        env,
      },
      { timeoutMs: durationMs + GRACE_MS, signal },
    );
    if (startError !== undefined) return { reason: 'py-spy is not installed.' };
    if (code === 0) return await readFile(file, 'utf8');
    const [line = 'it gave no reason'] = `${stderr}\n${stdout}`
      .split('\n')
      .filter((text) => /error|permission|denied/i.test(text));
    return { reason: `py-spy could not look at the program: ${line.trim().slice(0, 200)}.` };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
