import { loadavg } from 'node:os';
import { readMachineCpu } from '../src/adapters/machine/cpu-time.ts';
import { readFingerprint } from '../src/adapters/machine/fingerprint.ts';

/** Under what circumstances figures came about; without that they are gossip. */
export interface Conditions {
  readonly date: string;
  readonly machine: string;
  readonly loadBefore: number;
  /** Time that the host took from this machine, as a share of all; null where the platform does not tell. */
  readonly stealShare: number | null;
  readonly seconds: number;
}

export async function observe<T>(work: () => Promise<T>): Promise<{ result: T; conditions: Conditions }> {
  const [loadBefore = 0] = loadavg();
  const before = await readMachineCpu();
  const started = performance.now();
  const result = await work();
  const seconds = (performance.now() - started) / 1000;
  const after = await readMachineCpu();
  const { cpu_model, cores, memory_bytes, platform, kernel, node } = readFingerprint();
  const machine = `${cpu_model}, ${cores} cores, ${Math.round(memory_bytes / 2 ** 30)} GiB, ${platform}, ${shorten(kernel)}, Node.js ${node}`;
  const date = new Date().toISOString().slice(0, 10);
  if (!before || !after)
    return { result, conditions: { date, machine, loadBefore, stealShare: null, seconds } };
  const stolen = after.stealUs - before.stealUs;
  const all = stolen + after.busyUs - before.busyUs + after.idleUs - before.idleUs;
  return {
    result,
    conditions: { date, machine, loadBefore, stealShare: all === 0 ? 0 : stolen / all, seconds },
  };
}

/** "Linux 6.1": the rest names a distribution's build and says nothing about speed. */
function shorten(kernel: string): string {
  return /^\S+ \d+\.\d+/.exec(kernel)?.[0] ?? kernel;
}
