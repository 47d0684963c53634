import { readFileSync } from 'node:fs';

/** Whether a process runs; one that is dead but not waited for doesn't. */
export function isRunning(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) [ZX]/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
