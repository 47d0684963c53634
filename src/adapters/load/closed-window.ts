/**
 * The window begins when every connection had its first answer, but not before the first and not after the second, in ms;
 * later when the plan asks for a longer warm-up.
 */
const WARM_UP_MS = { min: 200, max: 1_000 };
const WARM_UP_CHECK_MS = 5;

/** Resolves when a closed loop is warm enough for its window. */
export async function warmUp(warmupMs: number, allSettled: () => boolean): Promise<void> {
  const startedAt = performance.now();
  for (;;) {
    await sleep(WARM_UP_CHECK_MS);
    const warmMs = performance.now() - startedAt;
    if (warmMs >= Math.max(WARM_UP_MS.max, warmupMs)) return;
    if (warmMs >= Math.max(WARM_UP_MS.min, warmupMs) && allSettled()) return;
  }
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
}
