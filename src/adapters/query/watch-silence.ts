export interface SilenceWatch {
  /** Aborts when nothing was heard for too long after something was heard. */
  readonly signal: AbortSignal;
  heard(): void;
  stop(): void;
}

/**
 * A library keeps its thread while a statement runs, so a process cannot time out its own SQLite statement; the one that
 * listens to it can.
 */
export function watchSilence(limitMs: number): SilenceWatch {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  return {
    signal: controller.signal,
    heard() {
      clearTimeout(timer);
      timer = setTimeout(() => controller.abort(new Error(`silent for ${limitMs} ms`)), limitMs).unref();
    },
    stop: () => clearTimeout(timer),
  };
}
