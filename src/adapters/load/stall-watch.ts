import type { StallFigures } from '../../core/ports/load.ts';

/** A gap counts as a stall from here, in ms: below it a single slow answer or a busy machine looks the same. */
const STALL_MS = 100;

/** And from this many median latencies: a program that takes 200 ms for everything does not stall. */
const STALL_MEDIANS = 10;

/** Shorter gaps are not even kept: at most 20 in a second are left. */
const KEPT_MS = 50;

export interface StallWatch {
  /** From here on time counts. */
  open(): void;
  sent(): void;
  /** With or without an answer, a request waits no longer. */
  settled(): void;
  /** The end of the window: a gap that is under way ends here. */
  close(): void;
  summarize(medianMs: number, durationMs: number): StallFigures;
}

/** Finds the times in which requests waited and none was answered. */
export function createStallWatch(now: () => number = () => performance.now()): StallWatch {
  const gaps: number[] = [];
  let waiting = 0;
  let since = 0;
  let longestMs = 0;
  let isOpen = false;

  const endGap = (at: number): void => {
    const gap = at - since;
    if (gap > longestMs) longestMs = gap;
    if (gap >= KEPT_MS) gaps.push(gap);
  };

  return {
    open() {
      isOpen = true;
      since = now();
    },
    sent() {
      if (waiting === 0) since = now();
      waiting += 1;
    },
    settled() {
      waiting = Math.max(0, waiting - 1);
      if (!isOpen) return;
      const at = now();
      endGap(at);
      since = at;
    },
    close() {
      if (isOpen && waiting > 0) endGap(now());
      isOpen = false;
    },
    summarize(medianMs, durationMs) {
      const stalls = gaps.filter((gap) => gap >= Math.max(STALL_MS, STALL_MEDIANS * medianMs));
      return {
        longestMs,
        count: stalls.length,
        share: stalls.reduce((sum, gap) => sum + gap, 0) / durationMs,
      };
    },
  };
}
