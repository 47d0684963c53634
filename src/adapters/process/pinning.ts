import { accessSync, constants, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { parseCpuList } from '../../core/cpu-list.ts';

export interface Pinning {
  readonly canPin: boolean;
  /** The command with what pins it put in front; unchanged where none of the cores may be used. */
  pin(command: readonly string[], cpus: readonly number[]): readonly string[];
}

function findOnPath(program: string): string | undefined {
  for (const directory of (process.env['PATH'] ?? '').split(delimiter)) {
    if (directory === '') continue;
    const file = join(directory, program);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // Not in this directory.
    }
  }
  return undefined;
}

function readAllowedCpus(): readonly number[] {
  try {
    const list = /^Cpus_allowed_list:\s*(.+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    return list === undefined ? [] : parseCpuList(list);
  } catch {
    return [];
  }
}

/** `taskset` sets the mask and then becomes the program, so the pid stays; children inherit the mask. */
export function createPinning(): Pinning {
  const taskset = process.platform === 'linux' ? findOnPath('taskset') : undefined;
  const allowed = taskset === undefined ? [] : readAllowedCpus();
  return {
    canPin: allowed.length > 0,
    pin(command, cpus) {
      const usable = cpus.filter((cpu) => allowed.includes(cpu));
      return taskset === undefined || usable.length === 0
        ? command
        : [taskset, '-c', usable.join(','), ...command];
    },
  };
}
