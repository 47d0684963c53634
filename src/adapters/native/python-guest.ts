import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

/** What Python loads at its start, before anything of the program (https://docs.python.org/3/library/site.html). */
const LOADED = 'sitecustomize.py';
/** By this name both samplers import what they share. */
const SHARED = 'deep_optimize_guest.py';

/** A sampler of ours inside of every process of Python that is started in an environment, and the directory that it uses. */
export interface PythonGuest {
  readonly directory: string;
  /** In place of the program's own. */
  readonly env: Readonly<Record<string, string>>;
  readonly close: () => Promise<void>;
}

/** With nothing to install and nothing to permit. The modules are copied, because Python writes their compiled form beside them. */
export async function placeInPython(
  samplersDirectory: string,
  sampler: 'sample-command.py' | 'sample-service.py',
  env: Readonly<Record<string, string>>,
): Promise<PythonGuest> {
  const directory = await mkdtemp(join(tmpdir(), 'deep-optimize-python-'));
  const close = () => rm(directory, { recursive: true, force: true });
  try {
    await copyFile(join(samplersDirectory, sampler), join(directory, LOADED));
    await copyFile(join(samplersDirectory, 'guest.py'), join(directory, SHARED));
  } catch (error) {
    await close();
    throw error;
  }
  const paths = [directory, env['PYTHONPATH'] ?? ''].filter((path) => path !== '');
  return { directory, env: { ...env, PYTHONPATH: paths.join(delimiter) }, close };
}
