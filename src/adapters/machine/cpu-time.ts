import { readFile } from 'node:fs/promises';
import type { MachineCpu } from '../../core/ports/machine.ts';

/** /proc/stat counts in USER_HZ, which is 100 on every architecture that Node.js is built for. */
const US_PER_TICK = 10_000;

/** First line of /proc/stat (man 5 proc). Guest time is part of user time and not added again. */
export function parseCpuLine(text: string): MachineCpu | null {
  const line = /^cpu\s+(.+)$/m.exec(text)?.[1];
  if (line === undefined) return null;
  const [user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0, steal = 0] = line
    .trim()
    .split(/\s+/)
    .map(Number);
  return {
    busyUs: (user + nice + system + irq + softirq) * US_PER_TICK,
    idleUs: (idle + iowait) * US_PER_TICK,
    stealUs: steal * US_PER_TICK,
  };
}

export async function readMachineCpu(): Promise<MachineCpu | null> {
  try {
    return parseCpuLine(await readFile('/proc/stat', 'utf8'));
  } catch {
    return null;
  }
}
