import type { Machine } from '../../core/ports/machine.ts';
import { readCgroup, type Cgroup } from './cgroup.ts';
import { planCpus, readAllowedCpus } from './cpu-plan.ts';
import { readMachineCpu } from './cpu-time.ts';
import { readFingerprint } from './fingerprint.ts';
import { identifySelf, isProcessAlive } from './process-identity.ts';
import { defaultLockDirectory, takeMeasurementLock } from './measurement-lock.ts';

export interface MachineOptions {
  /** Where the lock is kept. Default: a directory of this user under the system's temporary one, the same for all servers. */
  readonly stateDir?: string;
  /** Whether a process can be pinned here (`Processes.canPin`). */
  readonly canPin: boolean;
}

export function createMachine(options: MachineOptions): Machine {
  const lockDirectory = options.stateDir ?? defaultLockDirectory();
  let cgroup: Cgroup | undefined;
  return {
    fingerprint: () => Promise.resolve(readFingerprint()),
    async cpu() {
      const cpu = await readMachineCpu();
      // Our group does not change while we live, so that its files are looked for once.
      const throttledPeriods = (cgroup ??= readCgroup()).throttledPeriods();
      return cpu === null || throttledPeriods === undefined ? cpu : { ...cpu, throttledPeriods };
    },
    ownCpuUs() {
      const { user, system } = process.cpuUsage();
      return user + system;
    },
    self: identifySelf,
    isAlive: isProcessAlive,
    cpuPlan: () => (options.canPin ? planCpus(readAllowedCpus()) : undefined),
    // In a promise, so that a busy lock is a rejection and not an exception of the call.
    lock: (holder) => new Promise((resolve) => resolve(takeMeasurementLock(lockDirectory, holder))),
  };
}
