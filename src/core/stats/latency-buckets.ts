/** A latency and how often it was met. */
export interface CountedLatency {
  readonly ms: number;
  readonly count: number;
}

export interface LatencyBucket {
  /** Inclusive; 0 in the first bucket of a distribution that holds zeros. */
  readonly fromMs: number;
  /** Exclusive. */
  readonly toMs: number;
  readonly count: number;
  /** Of all, [0, 1]. */
  readonly share: number;
  /** Of this bucket and all below it. */
  readonly upTo: number;
}

/** Buckets of equal width on a logarithmic axis: latencies spread over decades, and their shape is seen in ratios. */
const PER_DECADE = 10;
/** One microsecond: clocks of load generators tell no less. */
const SMALLEST_MS = 1e-3;

/**
 * How latencies are spread, from the fastest to the slowest, empty buckets between them included: a gap is what tells two
 * kinds of requests from one wide kind.
 */
export function toLatencyBuckets(latencies: readonly CountedLatency[]): readonly LatencyBucket[] {
  const counts = new Map<number, number>();
  let total = 0;
  for (const { ms, count } of latencies) {
    if (count <= 0 || !Number.isFinite(ms)) continue;
    const at = indexOf(ms);
    counts.set(at, (counts.get(at) ?? 0) + count);
    total += count;
  }
  if (total === 0) return [];
  const first = Math.min(...counts.keys());
  const last = Math.max(...counts.keys());
  let below = 0;
  return Array.from({ length: last - first + 1 }, (_, offset): LatencyBucket => {
    const at = first + offset;
    const count = counts.get(at) ?? 0;
    below += count;
    return {
      fromMs: ms(at) <= SMALLEST_MS ? 0 : ms(at),
      toMs: ms(at + 1),
      count,
      share: count / total,
      upTo: below / total,
    };
  });
}

function indexOf(latency: number): number {
  const at = Math.floor(PER_DECADE * Math.log10(Math.max(latency, SMALLEST_MS)));
  // The logarithm of what lies at an edge, or a hair beside it, may miss the bucket by one.
  if (latency >= ms(at + 1)) return at + 1;
  return latency < ms(at) && latency > SMALLEST_MS ? at - 1 : at;
}

/** Lower edge of a bucket, to six digits, so that edges are numbers that people can read. */
function ms(at: number): number {
  return Number((10 ** (at / PER_DECADE)).toPrecision(6));
}
