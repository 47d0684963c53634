import { readFileSync } from 'node:fs';
import type { ProcessIdentity } from '../../core/ports/machine.ts';

/**
 * A process by pid and start: a pid alone is given to another one some day. Linux tells the start in clock ticks since boot
 * (proc(5), stat field 22); elsewhere the pid has to do, and a run of a dead server may look alive until its pid is free.
 */
export function identifySelf(): ProcessIdentity {
  return { pid: process.pid, started_at: readStart(process.pid) ?? '' };
}

export function isProcessAlive({ pid, started_at }: ProcessIdentity): boolean {
  if (started_at !== '') return readStart(pid) === started_at;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Not ours to signal, so it is there.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

function readStart(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name in parentheses may hold anything, spaces and parentheses too: fields are counted from behind it.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}
