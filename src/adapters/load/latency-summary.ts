import { build, decodeFromCompressedBase64, encodeIntoCompressedBase64, JsHistogram } from 'hdr-histogram-js';
import type { Histogram } from 'hdr-histogram-js';
import type { LatencySummary } from '../../core/ports/load.ts';
import type { CountedLatency } from '../../core/stats/latency-buckets.ts';

/** Up to here every value is kept (8 MB) and percentiles are exact; beyond, they come from the histogram (3 digits). */
export const EXACT_LIMIT = 1_000_000;

export interface LatencyRecorder {
  record(ms: number): void;
  /** Nearest-rank percentile of what was recorded so far, in ms; 0 when that is nothing. */
  percentileMs(percent: number): number;
  summarize(): LatencySummary;
}

/**
 * Collects latencies of one process. A percentile is the nearest rank: the smallest recorded value that at least p % of
 * all values do not exceed (the ceil(p/100 · n)-th). That is a value that really happened, it is the definition of
 * HdrHistogram, so merged histograms agree with it, and with few values the high percentiles are the maximum
 * (p99.9 of fewer than 1,000). Interpolation (type 7) would invent values between a fast and a stalled request.
 * An empty summary is all zeros with `count` 0.
 */
export function createLatencyRecorder(exactLimit = EXACT_LIMIT): LatencyRecorder {
  let kept = new Float64Array(1_024);
  let count = 0;
  let sum = 0;
  let max = 0;
  // Only what does not fit into `kept` is recorded here at once: no pause in the window when the limit is passed.
  const overflow = createHistogram();

  const record = (ms: number): void => {
    if (count < exactLimit) {
      if (count === kept.length) kept = grow(kept, Math.min(exactLimit, kept.length * 2));
      kept[count] = ms;
    } else {
      overflow.recordValue(toMicroseconds(ms));
    }
    count += 1;
    sum += ms;
    if (ms > max) max = ms;
  };

  const sortKept = (): Float64Array => kept.slice(0, Math.min(count, exactLimit)).sort();

  const toHistogram = (sorted: Float64Array): Histogram => {
    const histogram = createHistogram();
    recordSorted(histogram, sorted);
    if (count > exactLimit) histogram.add(overflow);
    return histogram;
  };

  const percentiles = (sorted: Float64Array, histogram: () => Histogram): ((percent: number) => number) => {
    if (count === 0) return () => 0;
    if (count > exactLimit) {
      const merged = histogram();
      // HdrHistogram answers with the upper end of the value's bucket, which may lie above the true maximum.
      return (percent) => Math.min(max, merged.getValueAtPercentile(percent) / 1_000);
    }
    return (percent) => sorted[nearestRank(percent, count) - 1] ?? max;
  };

  return {
    record,
    percentileMs: (percent) => {
      const sorted = sortKept();
      return percentiles(sorted, () => toHistogram(sorted))(percent);
    },
    summarize: () => {
      const sorted = sortKept();
      const histogram = toHistogram(sorted);
      const at = percentiles(sorted, () => histogram);
      return {
        count,
        p50Ms: at(50),
        p90Ms: at(90),
        p95Ms: at(95),
        p99Ms: at(99),
        p999Ms: at(99.9),
        meanMs: count === 0 ? 0 : sum / count,
        maxMs: max,
        histogram: encodeIntoCompressedBase64(histogram),
      };
    },
  };
}

/** Equal microseconds are neighbours in sorted values and are recorded at once: a million in 30 instead of 100 ms. */
function recordSorted(histogram: Histogram, sorted: Float64Array): void {
  let run = 0;
  let before = 0;
  for (const ms of sorted) {
    const value = toMicroseconds(ms);
    if (value !== before && run > 0) {
      histogram.recordValueWithCount(before, run);
      run = 0;
    }
    before = value;
    run += 1;
  }
  if (run > 0) histogram.recordValueWithCount(before, run);
}

/** Several histograms as one; percentiles as everywhere here, to three significant digits. */
export function poolHistograms(encoded: readonly string[]): Omit<LatencySummary, 'histogram'> {
  const pooled = createHistogram();
  for (const text of encoded) pooled.add(decodeFromCompressedBase64(text));
  const at = (percent: number): number => pooled.getValueAtPercentile(percent) / 1_000;
  return {
    count: pooled.totalCount,
    p50Ms: at(50),
    p90Ms: at(90),
    p95Ms: at(95),
    p99Ms: at(99),
    p999Ms: at(99.9),
    meanMs: pooled.mean / 1_000,
    maxMs: pooled.maxValue / 1_000,
  };
}

/** Every value that the histograms tell apart, with the number of requests. */
export function countLatencies(encoded: readonly string[]): readonly CountedLatency[] {
  const pooled = createHistogram();
  for (const text of encoded) pooled.add(decodeFromCompressedBase64(text));
  // The only kind that is built here; its interface leaves the iterator out.
  if (!(pooled instanceof JsHistogram)) return [];
  const values = pooled.recordedValuesIterator;
  values.reset();
  const latencies: CountedLatency[] = [];
  while (values.hasNext()) {
    const { valueIteratedTo, countAtValueIteratedTo } = values.next();
    latencies.push({ ms: valueIteratedTo / 1_000, count: countAtValueIteratedTo });
  }
  return latencies;
}

/** Rounded to nine decimals first: 99.9 / 100 · 1000 is 999.0000000000001 in floating point. */
function nearestRank(percent: number, count: number): number {
  return Math.max(1, Math.ceil(Number(((percent / 100) * count).toFixed(9))));
}

/** Microseconds with 3 significant digits; grows by itself beyond the hour. */
function createHistogram(): Histogram {
  return build({
    bitBucketSize: 32,
    autoResize: true,
    lowestDiscernibleValue: 1,
    highestTrackableValue: 3_600_000_000,
    numberOfSignificantValueDigits: 3,
  });
}

function toMicroseconds(ms: number): number {
  return Math.max(0, Math.round(ms * 1_000));
}

function grow(values: Float64Array<ArrayBuffer>, length: number): Float64Array<ArrayBuffer> {
  const grown = new Float64Array(length);
  grown.set(values);
  return grown;
}
