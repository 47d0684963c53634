import type { RuntimeWindow } from '../ports/target.ts';

/** Runtime counters of the thread that does the work, taken while nothing is profiled (a profiler makes them wrong). */
export interface RuntimeSummary {
  readonly eventLoopDelayP99Ms: number | null;
  readonly eventLoopDelayMaxMs: number | null;
  /** [0, 1]. */
  readonly eventLoopUtilization: number;
  /** Of the window, [0, 1]. */
  readonly gcShare: number;
  readonly durationMs: number;
}

/** Picks the busiest thread of all windows: a wrapper's loop is idle, and an average over both means nothing. */
export function summarizeRuntime(windows: readonly RuntimeWindow[]): RuntimeSummary | null {
  const busiest = windows.reduce<RuntimeWindow | undefined>(
    (best, window) =>
      best === undefined ||
      window.eventLoopUtilization * window.durationMs > best.eventLoopUtilization * best.durationMs
        ? window
        : best,
    undefined,
  );
  if (busiest === undefined) return null;
  const ofThread = windows.filter(
    ({ pid, threadId }) => pid === busiest.pid && threadId === busiest.threadId,
  );
  const durationMs = ofThread.reduce((sum, window) => sum + window.durationMs, 0);
  const gcMs = ofThread.reduce(
    (sum, { gcMs: gc }) => sum + gc.minor + gc.major + gc.incremental + gc.weakcb,
    0,
  );
  const delays = ofThread.flatMap(({ eventLoopDelay }) => (eventLoopDelay === null ? [] : [eventLoopDelay]));
  return {
    // The worst window: percentiles of several windows cannot be averaged.
    eventLoopDelayP99Ms: delays.length === 0 ? null : Math.max(...delays.map(({ p99Ms }) => p99Ms)),
    eventLoopDelayMaxMs: delays.length === 0 ? null : Math.max(...delays.map(({ maxMs }) => maxMs)),
    eventLoopUtilization:
      durationMs > 0
        ? ofThread.reduce((sum, window) => sum + window.eventLoopUtilization * window.durationMs, 0) /
          durationMs
        : busiest.eventLoopUtilization,
    gcShare: durationMs > 0 ? Math.min(1, gcMs / durationMs) : 0,
    durationMs,
  };
}
