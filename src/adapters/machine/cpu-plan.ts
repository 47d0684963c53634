import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseCpuList } from '../../core/cpu-list.ts';
import type { CpuPlan } from '../../core/ports/machine.ts';

/** From this many cores on, one core may be too little to load what the others serve. */
const MANY_CORES = 8;

/** The target comes first; the generator gets the last core, or the last two of many. Undefined for one core. */
export function planCpus(allowed: readonly number[]): CpuPlan | undefined {
  if (allowed.length < 2) return undefined;
  const generators = allowed.length >= MANY_CORES ? 2 : 1;
  return { target: allowed.slice(0, -generators), generator: allowed.slice(-generators) };
}

/** Cores that this process may use: a container or a `taskset` around us leaves fewer than the machine has. */
export function readAllowedCpus(root = '/'): readonly number[] {
  try {
    const status = readFileSync(join(root, 'proc/self/status'), 'utf8');
    const list = /^Cpus_allowed_list:\s*(.+)$/m.exec(status)?.[1];
    return list === undefined ? [] : parseCpuList(list);
  } catch {
    return [];
  }
}
