import { copyFile, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { SampledProgram, SampledRun } from '../../core/ports/native-profiler.ts';

/** What Python loads at its start, before anything of the program (https://docs.python.org/3/library/site.html). */
const MODULE = 'sitecustomize.py';

/**
 * A sampler of our own inside of the program, with nothing to install and nothing to permit. The module is copied, because
 * Python writes its compiled form beside it.
 */
export async function sampleInPython(
  samplerFile: string,
  { command, env }: SampledProgram,
): Promise<Omit<SampledRun, 'read'> & { read(): Promise<string> }> {
  const directory = await mkdtemp(join(tmpdir(), 'deep-optimize-python-'));
  const close = () => rm(directory, { recursive: true, force: true });
  try {
    await copyFile(samplerFile, join(directory, MODULE));
  } catch (error) {
    await close();
    throw error;
  }
  const paths = [directory, env['PYTHONPATH'] ?? ''].filter((path) => path !== '');
  return {
    command,
    env: { ...env, PYTHONPATH: paths.join(delimiter) },
    read: () => readStacks(directory),
    close,
  };
}

/** Of every process of Python that ended in order. */
async function readStacks(directory: string): Promise<string> {
  const files = (await readdir(directory)).filter((file) => file.endsWith('.stacks')).sort();
  return (await Promise.all(files.map((file) => readFile(join(directory, file), 'utf8')))).join('');
}
