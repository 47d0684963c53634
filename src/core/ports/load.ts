/** Load on an HTTP service. The generator may be one child process here, or, later, several elsewhere. */
export interface LoadRequest {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly weight: number;
  readonly expect: { readonly status?: number; readonly bodyIncludes?: string };
}

export type WindowEdge = 'opens' | 'closes';

export interface LoadPlan {
  readonly origin: string;
  readonly requests: readonly LoadRequest[];
  readonly durationMs: number;
  readonly cpus?: readonly number[];
  /** Seed of the order in which weighted requests are sent. */
  readonly seed: number;
  /**
   * Called when the measured window opens and when it closes: the generator's own start and warm-up lie outside, and what is
   * counted around the load (CPU of the target, of the machine) must not take them in.
   */
  readonly onWindow?: (edge: WindowEdge) => void;
  /** Marks the generator's process, as `TargetSpec.runId` does. */
  readonly runId: string;
}

export interface ClosedLoopPlan extends LoadPlan {
  /** Load before the window, in ms, that is counted nowhere. Default: until every connection had its first answer. */
  readonly warmupMs?: number;
  readonly connections: number;
}

export interface OpenLoopPlan extends LoadPlan {
  /** Arrivals at a constant distance of 1/rate. */
  readonly ratePerS: number;
  /** Requests in flight at once are bounded by this; an arrival beyond it counts as an error, not as silence. */
  readonly maxInFlight: number;
}

/** Percentiles of one process's own latencies, in ms (float), with the count they rest on. */
export interface LatencySummary {
  readonly count: number;
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly meanMs: number;
  readonly maxMs: number;
  /** HdrHistogram V2 (compressed, base64) in µs: percentiles of several samples are merged from it. */
  readonly histogram: string;
}

export interface FailedRequest {
  readonly request: string;
  /** What was wrong, e.g. "status 500, expected 200". */
  readonly reason: string;
  readonly count: number;
  /** Untrusted: the start of an offending body. */
  readonly example?: string;
}

export interface LoadResult {
  readonly durationMs: number;
  /** Requests that got an answer, right or wrong. */
  readonly answered: number;
  /** Wrong answers, connection errors, time-outs, arrivals that could not be sent. */
  readonly failed: number;
  readonly failures: readonly FailedRequest[];
  readonly bytes: number;
  /** Closed loop: time of each answer from its sending. Open loop: from the intended sending. Failed ones are left out. */
  readonly latency: LatencySummary;
  readonly generator: {
    /**
     * CPU of the generator process in the window, as a share of one core. Open loop: waiting for an arrival is done by
     * spinning, up to a whole core; there `latenessP99Ms` tells whether the generator was the limit.
     */
    readonly cpuShare: number;
    readonly eventLoopDelayP99Ms: number;
    /** Open loop: how late requests were really sent, in ms; 0 for closed loop. */
    readonly latenessP99Ms: number;
  };
}

export interface LoadGenerator {
  /** All requests of several results as one distribution, from their histograms (3 significant digits). */
  pool(histograms: readonly string[]): Omit<LatencySummary, 'histogram'>;
  closedLoop(plan: ClosedLoopPlan, signal: AbortSignal): Promise<LoadResult>;
  openLoop(plan: OpenLoopPlan, signal: AbortSignal): Promise<LoadResult>;
}
