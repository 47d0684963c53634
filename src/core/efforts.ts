import type { Effort } from './model/measurement.ts';
import { maximumBlocks } from './stats/looks.ts';

/** How much time a measurement takes: phases of one fresh process in ms, and how many blocks of two processes. */
export interface EffortPlan {
  readonly warmupMs: number;
  readonly closedMs: number;
  readonly openMs: number;
  /**
   * Calls of a function before its timed ones. A quarter of a second of CPU is what V8 needed for a function of 0.4 ms: after
   * 150 ms it was at 0.39 in one process and at 0.45 in the next, after 250 ms at 0.40 in all.
   */
  readonly callWarmupMs: number;
  /**
   * The timed ones. Processes differ by more than a longer look at one would settle: pairs with 100 to 300 ms lay equally far
   * apart (four functions, 12 pairs each). So a quick comparison has short ones, and gets to more of them in its 20 s.
   */
  readonly callMs: number;
  /** Blocks of a baseline; each holds two fresh processes. */
  readonly baselineBlocks: number;
  /** Where a sample takes so little that more blocks than that fit into this time, there are more. */
  readonly blocksMs: number;
  /** Steady window of a profiling pass. */
  readonly profileMs: number;
}

/**
 * Quick answers within 20 s, standard within 75 s on a service that starts in under half a second. Two fresh processes
 * a block, because a baseline is its own A/A check: three blocks give an interval for the median (6 values reach 97 %),
 * eight are the fewest for which the check itself can say anything (a two-sided signed-rank p cannot go below 2/2^n).
 */
export const EFFORTS: Readonly<Record<Effort, EffortPlan>> = {
  quick: {
    warmupMs: 300,
    closedMs: 500,
    openMs: 800,
    callWarmupMs: 250,
    callMs: 150,
    baselineBlocks: 3,
    blocksMs: 11_000,
    profileMs: 2500,
  },
  standard: {
    warmupMs: 500,
    closedMs: 1000,
    openMs: 1300,
    callWarmupMs: 500,
    callMs: 600,
    baselineBlocks: 8,
    blocksMs: 25_000,
    profileMs: 5000,
  },
  thorough: {
    warmupMs: 1000,
    closedMs: 2000,
    openMs: 3000,
    callWarmupMs: 1000,
    callMs: 1500,
    baselineBlocks: 12,
    blocksMs: 60_000,
    profileMs: 10_000,
  },
};

/** How long one process is looked at before its answers are compared, in ms; every kind of input is looked at once in any case. */
export const OBSERVE_MS = 2_000;

/** Open-loop rate when the workload names none, as a share of the measured capacity (notes on statistics, section 4). */
export const DEFAULT_RATE_SHARE = 0.6;
/**
 * Never more than this, in requests a second: the rate at which the open loop's send lateness is benchmarked (p99 under
 * 5 ms, docs/benchmarks.md). Of a service that answers tens of thousands, the latency at more would be the generator's.
 */
export const MAX_DEFAULT_RATE = 2000;
export const DEFAULT_CONNECTIONS = 16;
export const DEFAULT_START_TIMEOUT_S = 20;
export const DEFAULT_STATEMENT_TIMEOUT_S = 30;
export const DEFAULT_COMMAND_TIMEOUT_S = 60;
export const DEFAULT_TEST_TIMEOUT_S = 300;
export const SETUP_TIMEOUT_S = 600;

/** Blocks of a baseline: those of the effort, or as many as its time holds, but never more than a comparison would measure. */
export function blocksOf(effort: Effort, sampleMs?: number): number {
  const { baselineBlocks, blocksMs } = EFFORTS[effort];
  if (sampleMs === undefined) return baselineBlocks;
  const fitting = Math.floor(blocksMs / (2 * Math.max(1, sampleMs)));
  return Math.max(baselineBlocks, Math.min(fitting, maximumBlocks(effort)));
}
