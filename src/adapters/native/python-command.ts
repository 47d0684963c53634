import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SampledProgram, SampledRun } from '../../core/ports/native-profiler.ts';
import { placeInPython } from './python-guest.ts';

/** A command of Python with a sampler of ours in it, from its start to its end. */
export async function sampleInCommand(
  samplersDirectory: string,
  { command, env }: SampledProgram,
): Promise<Omit<SampledRun, 'read'> & { read(): Promise<string> }> {
  const guest = await placeInPython(samplersDirectory, 'sample-command.py', env);
  return { command, env: guest.env, read: () => readStacks(guest.directory), close: guest.close };
}

/** Of every process of Python that ended in order. */
async function readStacks(directory: string): Promise<string> {
  const files = (await readdir(directory)).filter((file) => file.endsWith('.stacks')).sort();
  return (await Promise.all(files.map((file) => readFile(join(directory, file), 'utf8')))).join('');
}
