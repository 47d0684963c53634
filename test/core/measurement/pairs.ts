import type { SamplePair } from '../../../src/core/measurement/estimates.ts';
import type { MetricValues, Sample } from '../../../src/core/model/measurement.ts';
import { seededRandom } from '../../../src/core/random.ts';
import { aSample } from '../../support/records.ts';
import { normal } from '../stats/noise.ts';

export interface PairsOptions {
  readonly seed?: number;
  /** Standard deviation of each process's numbers, as a share. */
  readonly noise?: number;
  /** What the candidate multiplies its metrics with. */
  readonly effect?: MetricValues;
}

const BASE = {
  latency_p50_ms: 20,
  latency_p95_ms: 40,
  throughput_rps: 500,
  error_rate: 0,
  cpu_us_per_request: 2000,
  rss_peak_bytes: 1e8,
} as const satisfies MetricValues;

/** Blocks of a baseline and a candidate that differ by `effect`, in an order that a coin decides. */
export function somePairs(blocks: number, options: PairsOptions = {}): readonly SamplePair[] {
  const { seed = 1, noise = 0.02, effect = {} } = options;
  const random = seededRandom(seed);
  const side = (name: 'a' | 'b', block: number, position: 0 | 1): Sample => {
    const metrics = Object.fromEntries(
      Object.entries(BASE).map(([metric, value]) => {
        const factor = name === 'b' ? (effect[metric as keyof typeof BASE] ?? 1) : 1;
        return [metric, value * factor * Math.exp(noise * normal(random))];
      }),
    );
    return { ...aSample(block, name), position, metrics };
  };
  return Array.from({ length: blocks }, (_, block) => {
    const first = random.coin();
    return { a: side('a', block, first), b: side('b', block, first === 0 ? 1 : 0) };
  });
}

/** The same with other metrics in one sample. */
export function withMetrics(
  pairs: readonly SamplePair[],
  change: (metrics: MetricValues, side: 'a' | 'b', block: number) => MetricValues,
): readonly SamplePair[] {
  return pairs.map(({ a, b }, block) => ({
    a: { ...a, metrics: change(a.metrics, 'a', block) },
    b: { ...b, metrics: change(b.metrics, 'b', block) },
  }));
}

export function without(metrics: MetricValues, name: keyof MetricValues): MetricValues {
  return Object.fromEntries(Object.entries(metrics).filter(([key]) => key !== name));
}
