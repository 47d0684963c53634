/**
 * A starved process works less than the clock says: beside other work it got 15 ms of CPU in 150 ms, and its calls, still
 * interpreted, took four times as long as they do. So the CPU time of the process counts, up to so many times the clock.
 */
const MOST_WAITING = 5;

/** Whether a process that calls a function since now has done so for long enough. What waits by nature goes by the clock. */
export function startWarmUp(warmupMs: number, isAsync: boolean): () => boolean {
  const startedAt = performance.now();
  const before = process.cpuUsage();
  return () => {
    const passedMs = performance.now() - startedAt;
    if (passedMs < warmupMs) return false;
    if (isAsync || passedMs >= MOST_WAITING * warmupMs) return true;
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000 >= warmupMs;
  };
}
