import type { LoadResult } from '../../core/ports/load.ts';
import type { FailureLedger } from './failure-ledger.ts';
import type { GeneratorFigures } from './generator-figures.ts';
import type { LatencyRecorder } from './latency-summary.ts';
import type { StallWatch } from './stall-watch.ts';

/** What a loop has when its window is over. */
export interface FinishedWindow extends Pick<LoadResult, 'durationMs' | 'answered' | 'bytes' | 'journeys'> {
  readonly ledger: FailureLedger;
  readonly latency: LatencyRecorder;
  readonly stalls: StallWatch;
  readonly figures: GeneratorFigures;
  /** How late requests were sent; a closed loop has no time for them to be late against. */
  readonly latenessP99Ms?: number;
}

export function toLoadResult(window: FinishedWindow): LoadResult {
  const { durationMs, answered, bytes, journeys, ledger, stalls, figures, latenessP99Ms = 0 } = window;
  const latency = window.latency.summarize();
  return {
    durationMs,
    answered,
    failed: ledger.total(),
    failures: ledger.list(),
    bytes,
    latency,
    journeys,
    stalls: stalls.summarize(latency.p50Ms, durationMs),
    generator: { ...figures, latenessP99Ms },
  };
}
