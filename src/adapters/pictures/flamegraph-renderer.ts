import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EnvironmentError, InternalError } from '../../core/errors.ts';
import type { FlamegraphRenderer } from '../../core/ports/pictures.ts';
import type { Processes } from '../../core/ports/processes.ts';
import { toSafeCpuProfile, withoutMarkup } from './safe-cpu-profile.ts';

export interface FlamegraphRendererOptions {
  readonly processes: Processes;
  /** Built file of `child-flamegraph.ts`. */
  readonly childFile: string;
}

const TIMEOUT_MS = 60_000;

/** What a Node.js process needs of our environment to start at all (the last three on Windows). */
const INHERITED = ['PATH', 'SystemRoot', 'TEMP', 'TMP'];

/** 0x as the renderer of profiles that we captured: one HTML file that loads nothing. */
export function createFlamegraphRenderer(options: FlamegraphRendererOptions): FlamegraphRenderer {
  return {
    async html(cpuProfile, { title, signal }) {
      const profile = JSON.stringify(toSafeCpuProfile(cpuProfile));
      const directory = await mkdtemp(join(tmpdir(), 'deep-optimize-flamegraph-'));
      try {
        const profileFile = join(directory, 'profile.cpuprofile');
        await writeFile(profileFile, profile);
        await runChild(options, [profileFile, directory, withoutMarkup(title)], directory, signal);
        return await readPicture(join(directory, 'flamegraph.html'));
      } finally {
        await rm(directory, { recursive: true, force: true });
      }
    },
  };
}

/** 0x may end with code 0 and have written nothing. */
async function readPicture(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new InternalError('command_failed', 'Drawing the flamegraph left no file.', {
      fix: 'Read the profile with inspect_evidence instead.',
      cause,
    });
  }
}

async function runChild(
  options: FlamegraphRendererOptions,
  parameters: readonly string[],
  directory: string,
  signal: AbortSignal,
): Promise<void> {
  const inherited = INHERITED.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  const ended = await options.processes.run(
    {
      command: [process.execPath, options.childFile, ...parameters],
      cwd: directory,
      env: Object.fromEntries(inherited),
    },
    { timeoutMs: TIMEOUT_MS, signal },
  );
  signal.throwIfAborted();
  if (ended.startError !== undefined) {
    throw new EnvironmentError('command_failed', `The flamegraph could not be drawn (${ended.startError}).`, {
      fix: 'Check that the node program that runs deep-optimize can be executed.',
    });
  }
  if (ended.code === 0) return;
  const end = ended.timedOut ? `took more than ${TIMEOUT_MS} ms` : `failed (exit code ${String(ended.code)})`;
  throw new InternalError('command_failed', `Drawing the flamegraph ${end}.`, {
    fix: 'Read the profile with inspect_evidence instead; report this with the output.',
    output: ended.stderr,
  });
}
