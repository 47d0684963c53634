import type { Effort, Estimate, Estimates, Sample } from '../model/measurement.ts';
import { METRIC_NAMES, METRICS, type Metric, type MetricName } from '../model/metrics.ts';
import type { PairedBlock } from '../stats/stability.ts';
import { differencesOf } from '../stats/stability.ts';
import { median, medianInterval } from '../stats/order-statistics.ts';
import { resolvableFromBlocks } from '../stats/resolvable.ts';

/** Confidence that intervals of a baseline aim at; what they really reach stands in the estimate. */
const CONFIDENCE = 0.95;

export interface SamplePair {
  readonly a: Sample;
  readonly b: Sample;
}

/** One estimate for each metric that every process gave: median over processes, its interval, what it can resolve. */
export function estimateMetrics(pairs: readonly SamplePair[], effort: Effort): Estimates {
  const estimates: Partial<Record<MetricName, Estimate>> = {};
  for (const name of METRIC_NAMES) {
    const blocks = pairedBlocks(pairs, name);
    if (blocks.length === 0 || blocks.length < pairs.length) continue;
    estimates[name] = {
      ...summarize(blocks.flatMap(({ a, b }) => [a, b])),
      resolvable_effect: isComparable(blocks, METRICS[name])
        ? resolvableFromBlocks(differencesOf(blocks, METRICS[name]), effort, METRICS[name])
        : null,
    };
  }
  return estimates;
}

/** The same for the processes of one side alone: without a partner there is nothing that could be resolved. */
export function estimateSide(samples: readonly Pick<Sample, 'metrics'>[]): Estimates {
  const estimates: Partial<Record<MetricName, Estimate>> = {};
  for (const name of METRIC_NAMES) {
    const values = samples.flatMap((sample) => sample.metrics[name] ?? []);
    if (values.length === 0 || values.length < samples.length) continue;
    estimates[name] = { ...summarize(values), resolvable_effect: null };
  }
  return estimates;
}

function summarize(values: readonly number[]): Omit<Estimate, 'resolvable_effect'> {
  const { interval, confidence } = medianInterval(values, CONFIDENCE);
  return { value: median(values), interval: interval && [...interval], n: values.length, confidence };
}

/** The blocks in which both sides gave this metric, in the order of time. */
export function pairedBlocks(pairs: readonly SamplePair[], name: MetricName): readonly PairedBlock[] {
  return pairs.flatMap(({ a, b }) => {
    const [left, right] = [a.metrics[name], b.metrics[name]];
    return left === undefined || right === undefined ? [] : [{ a: left, b: right, aFirst: a.position === 0 }];
  });
}

/** Ratios need positive numbers on both sides; a metric that is 0 now and then cannot be compared as one. */
export function isComparable(blocks: readonly PairedBlock[], { scale }: Metric): boolean {
  return scale === 'difference' || blocks.every(({ a, b }) => a > 0 && b > 0);
}
