import { setTimeout as sleep } from 'node:timers/promises';

/** Waits for a condition that a process of its own brings about; fails loudly and not by the test's time-out. */
export async function waitUntil<T>(
  what: string,
  look: () => T | undefined | false,
  limitMs = 20_000,
): Promise<T> {
  const end = performance.now() + limitMs;
  for (;;) {
    const seen = look();
    if (seen !== undefined && seen !== false) return seen;
    if (performance.now() > end) throw new Error(`Waited in vain until ${what}.`);
    await sleep(10);
  }
}
