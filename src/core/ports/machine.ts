import type { Fingerprint } from '../model/measurement.ts';

/** CPU time of the whole machine since boot, in µs over all cores; null where the platform does not tell. */
export interface MachineCpu {
  readonly busyUs: number;
  readonly idleUs: number;
  readonly stealUs: number;
  /** Periods in which a CPU quota has stopped processes of our control group; absent without a quota. */
  readonly throttledPeriods?: number;
}

/** Which cores the target and the generator get, so that they do not steal from each other. */
export interface CpuPlan {
  readonly target: readonly number[];
  readonly generator: readonly number[];
}

/** A process that cannot be mistaken for a later one with the same pid. */
export interface ProcessIdentity {
  readonly pid: number;
  /** What the platform tells of its start: opaque, only compared. */
  readonly started_at: string;
}

export interface LockHolder {
  readonly pid: number;
  readonly run_id: string;
  readonly project_dir: string;
  readonly since: string;
}

export interface Machine {
  fingerprint(): Promise<Fingerprint>;
  cpu(): Promise<MachineCpu | null>;
  /** CPU of this very process since its start, in µs. */
  ownCpuUs(): number;
  /** This server process, as it is written into its runs. */
  self(): ProcessIdentity;
  /** Whether exactly that process still lives (its pid may have been given to another). */
  isAlive(process: ProcessIdentity): boolean;
  /** Undefined where pinning is impossible or there is one core. */
  cpuPlan(): CpuPlan | undefined;
  /**
   * One measurement at a time on a machine. The lock belongs to the operating system and falls when its process dies.
   * Rejects with EnvironmentError busy, which names the holder.
   */
  lock(holder: LockHolder): Promise<() => Promise<void>>;
}
