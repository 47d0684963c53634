import { execFileSync } from 'node:child_process';
import { temporaryDirectory } from './temporary-directory.ts';

export interface SmallDisk {
  readonly directory: string;
  readonly unmount: () => void;
}

/** A disk of its own, so small that a project does not fit; the reason when this machine gives none. */
export async function smallDisk(bytes: number): Promise<SmallDisk | string> {
  const directory = await temporaryDirectory();
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', directory], { stdio: 'pipe' });
  } catch (error) {
    return `no small disk can be mounted here: ${error instanceof Error ? error.message : String(error)}`;
  }
  // Lazily: the driver of a database lets go of its file when memory is collected.
  return { directory, unmount: () => execFileSync('umount', ['--lazy', directory]) };
}
