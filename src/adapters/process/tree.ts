import type { Descendants, TreeUsage } from '../../core/ports/processes.ts';

/** What the platform can do with a process and everything it started. */
export interface Tree {
  usage(): Promise<TreeUsage>;
  /** The living processes beside the root. */
  descendants(): Promise<Descendants>;
  /** Resolves when nothing is left. */
  kill(graceMs: number): Promise<void>;
  /** At once, without waiting. */
  killNow(): void;
  /** True when not one process of it is alive. */
  isEmpty(): boolean;
}
