import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InternalError } from '../../core/errors.ts';
import type { FlamegraphRenderer } from '../../core/ports/pictures.ts';
import type { Processes } from '../../core/ports/processes.ts';
import { runPictureChild } from './run-picture-child.ts';
import { toSafeCpuProfile, withoutMarkup } from './safe-cpu-profile.ts';

export interface FlamegraphRendererOptions {
  readonly processes: Processes;
  /** Built file of `child-flamegraph.ts`. */
  readonly childFile: string;
}

const TIMEOUT_MS = 60_000;

/** 0x as the renderer of profiles that we captured: one HTML file that loads nothing. */
export function createFlamegraphRenderer(options: FlamegraphRendererOptions): FlamegraphRenderer {
  return {
    async html(cpuProfile, { title, signal }) {
      const profile = JSON.stringify(toSafeCpuProfile(cpuProfile));
      const directory = await mkdtemp(join(tmpdir(), 'deep-optimize-flamegraph-'));
      try {
        const profileFile = join(directory, 'profile.cpuprofile');
        await writeFile(profileFile, profile);
        await runPictureChild(options, {
          what: 'the flamegraph',
          parameters: [profileFile, directory, withoutMarkup(title)],
          directory,
          timeoutMs: TIMEOUT_MS,
          instead: 'Read the profile with inspect_evidence instead.',
          signal,
        });
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
