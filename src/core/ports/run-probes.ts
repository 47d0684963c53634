import type { ThreadProfile, TargetSpec } from './target.ts';

export interface RunProbeRequest {
  /** As of a service. With `native` nothing is loaded into the program, and nothing can be collected. */
  readonly probe: Extract<TargetSpec['probe'], 'profile' | 'attribution' | 'native'>;
  /** The environment that the program would have. */
  readonly env: Readonly<Record<string, string>>;
  /** Where it is started. */
  readonly cwd: string;
}

/** The probe of one run. Nobody talks with it: a program that ends by itself may be over before anybody could ask. */
export interface RunProbe {
  /** What the program is to be started with instead. */
  readonly env: Readonly<Record<string, string>>;
  /**
   * Of every thread of Node.js that ran code of its own and ended in order, from its start to its end. One that was killed, or a
   * worker that was terminated, leaves none.
   */
  collect(): Promise<readonly ThreadProfile[]>;
  /** Removes what was written. */
  close(): Promise<void>;
}

/** Probes in programs that run to their end; `Targets` has those in services. */
export interface RunProbes {
  open(request: RunProbeRequest): Promise<RunProbe>;
}
