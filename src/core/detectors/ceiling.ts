import type { Ceiling } from '../model/evidence.ts';
import { percentileOf } from '../model/metrics.ts';
import type { MetricName } from '../model/metrics.ts';
import type { LoadFacts } from './detector.ts';

/**
 * Amdahl's law for each metric: what it could gain, as a ratio of today's value, if work that makes share `s` of the
 * busy time of the target vanished. All of them are upper bounds under the stated assumptions.
 */
export interface ShareWithInterval {
  readonly value: number;
  readonly interval: readonly [number, number];
}

/** A queue is not computed beyond this utilisation: the formula goes to infinity where the real one is bounded. */
const MAX_UTILISATION = 0.95;

/** @param metrics the ones to answer for; those that the facts say nothing about are left out */
export function computeCeilings(
  share: ShareWithInterval,
  load: LoadFacts,
  metrics: readonly MetricName[],
): readonly Ceiling[] {
  const usual: readonly MetricName[] =
    load.hasRequests === false ? [] : ['cpu_us_per_request', 'throughput_rps'];
  const wanted = [...new Set<MetricName>([...metrics, ...usual])];
  return wanted.flatMap((name) => {
    const bound = gainOf(name, load);
    if (bound === undefined) return [];
    const [low, high] = share.interval;
    return [
      {
        metric: name,
        gain: bound.gain(share.value),
        interval: [bound.gain(low), bound.gain(high)] satisfies [number, number],
        assumes: bound.assumes,
      },
    ];
  });
}

/**
 * What metrics could gain if a wait vanished: it is no work of the thread, so CPU per request stays, and latency loses
 * it as it is. Each percentile is made of other requests, which may wait for other things.
 *
 * @param shareAt the wait as a share of the time of the requests that a percentile is made of, without one: of all;
 * undefined where it says nothing of them
 */
export function computeWaitingCeilings(
  shareAt: (percentile?: number) => ShareWithInterval | undefined,
  metrics: readonly MetricName[],
): readonly Ceiling[] {
  const wanted = [...new Set<MetricName>([...metrics, 'latency_p50_ms', 'latency_p99_ms', 'throughput_rps'])];
  return wanted.flatMap((metric): Ceiling[] => {
    if (metric === 'throughput_rps') {
      const whole = shareAt();
      if (whole === undefined) return [];
      const { value, interval } = whole;
      return [
        {
          metric,
          gain: waitingThroughputGain(value),
          interval: [waitingThroughputGain(interval[0]), waitingThroughputGain(interval[1])],
          assumes:
            'upper bound: as many connections as now, each with shorter requests, until something else is busy',
        },
      ];
    }
    const percentile = percentileOf(metric);
    if (percentile === undefined) return [];
    const share = shareAt(percentile);
    if (share === undefined) return [];
    const { value, interval } = share;
    return [
      {
        metric,
        gain: clampShare(value),
        interval: [clampShare(interval[0]), clampShare(interval[1])],
        assumes: `upper bound: the wait vanishes from the traced requests ${percentile === 0.5 ? 'around the median' : 'at or over this percentile'}, the rest stays`,
      },
    ];
  });
}

/** Requests that are shorter by `share` follow each other faster on the same connections. */
export function waitingThroughputGain(share: number): number {
  return 1 / (1 - Math.min(0.99, clampShare(share))) - 1;
}

interface Bound {
  readonly gain: (share: number) => number;
  readonly assumes: string;
}

function gainOf(name: MetricName, load: LoadFacts): Bound | undefined {
  if (name === 'cpu_us_per_request' || name === 'cpu_ms') {
    return {
      gain: cpuGain,
      assumes:
        'upper bound: the work vanishes and nothing takes its place; busy wall time stands for CPU time',
    };
  }
  if (name === 'throughput_rps') {
    const { busyShareOfCore } = load;
    if (busyShareOfCore === null) return undefined;
    const busy = Math.min(1, Math.max(0, busyShareOfCore));
    return {
      gain: (share) => throughputGain(share, busy),
      assumes: `upper bound: one thread limits capacity, busy ${Math.round(busy * 100)} % of the closed-loop window`,
    };
  }
  if (name === 'wall_ms' || name === 'wall_low_ms') {
    const { busyShareOfCore } = load;
    if (busyShareOfCore === null) return undefined;
    const busy = Math.min(1, Math.max(0, busyShareOfCore));
    return {
      gain: (share) => clampShare(share) * busy,
      assumes: `upper bound: the work vanishes; the rest waited for is ${Math.round((1 - busy) * 100)} % of the time and stays`,
    };
  }
  if (percentileOf(name) !== undefined) {
    const latencyMs = load.latencyMs[name];
    const { cpuUsPerRequest, ratePerS } = load;
    const medianMs = load.latencyMs.latency_p50_ms ?? latencyMs;
    if (latencyMs === undefined || medianMs === undefined || cpuUsPerRequest === null || ratePerS === null)
      return undefined;
    const queue = { latencyMs, medianMs, serviceMs: cpuUsPerRequest / 1000, ratePerS };
    const utilisation = Math.round(utilisationOf(queue) * 100);
    return {
      gain: (share) => latencyGain(share, queue),
      assumes:
        `upper bound: one queue before one thread at ${utilisation} % utilisation (M/D/1); ` +
        'only CPU and queueing shrink, waiting for others stays',
    };
  }
  return undefined;
}

/** The share itself. */
export function cpuGain(share: number): number {
  return clampShare(share);
}

/** Time per request falls by p = share · busy, so capacity rises by 1/(1-p) - 1. */
export function throughputGain(share: number, busyShareOfCore: number): number {
  const saved = Math.min(0.99, clampShare(share) * busyShareOfCore);
  return 1 / (1 - saved) - 1;
}

export interface QueueFacts {
  /** The percentile in question. */
  readonly latencyMs: number;
  readonly medianMs: number;
  /** CPU time of one request. */
  readonly serviceMs: number;
  readonly ratePerS: number;
}

function utilisationOf({ serviceMs, ratePerS }: QueueFacts): number {
  return Math.min(MAX_UTILISATION, (ratePerS * serviceMs) / 1000);
}

/**
 * An M/D/1 queue: mean time in the system W = S + ρS / (2(1-ρ)), ρ = rate · S. What the median has beyond W is
 * waiting for others (database, network) and stays. The rest of the percentile is service, which shrinks to
 * S(1-s), and queueing, which shrinks as the mean wait does: by (1-s)² (1-ρ) / (1-ρ(1-s)).
 * The constant part is taken from the median for all percentiles, which leaves most of a tail to queueing: too
 * much rather than too little, as an upper bound should.
 */
export function latencyGain(share: number, queue: QueueFacts): number {
  const { latencyMs, medianMs, serviceMs } = queue;
  if (latencyMs <= 0) return 0;
  const s = clampShare(share);
  const rho = utilisationOf(queue);
  const inSystem = serviceMs + (rho * serviceMs) / (2 * (1 - rho));
  const elsewhere = Math.min(latencyMs, Math.max(0, medianMs - inSystem));
  const here = latencyMs - elsewhere;
  const service = Math.min(here, serviceMs);
  const waiting = here - service;
  const waitingRatio = ((1 - s) ** 2 * (1 - rho)) / (1 - rho * (1 - s));
  const after = elsewhere + service * (1 - s) + waiting * waitingRatio;
  return Math.max(0, 1 - after / latencyMs);
}

function clampShare(share: number): number {
  return Math.min(1, Math.max(0, share));
}
