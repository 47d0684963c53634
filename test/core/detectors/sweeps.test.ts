import { describe, expect, it } from 'vitest';
import { detectBottlenecks } from '../../../src/core/detectors/index.ts';
import type { DetectorInput, Finding } from '../../../src/core/detectors/index.ts';
import type { MeasuredSweep } from '../../../src/core/detectors/measured-sweep.ts';
import { bottleneckSchema } from '../../../src/core/model/evidence.ts';
import type { Estimates } from '../../../src/core/model/measurement.ts';
import type { MetricName } from '../../../src/core/model/metrics.ts';
import type { SweepFit } from '../../../src/core/model/sweep.ts';
import { emptyAnalysis } from '../../../src/core/profile/analyze.ts';
import { fitComplexity } from '../../../src/core/scaling/complexity-class.ts';
import {
  fitScalability,
  type ConcurrencyLevel,
} from '../../../src/core/scaling/universal-scalability-law.ts';
import { recordedSweep } from '../scaling/recorded-sweeps.ts';
import { recordedInput } from './recorded.ts';

type Recorded = ReturnType<typeof recordedSweep>['points'];

function measured(
  over: 'connections' | 'size',
  metric: MetricName,
  points: Recorded,
  fit: SweepFit,
  sameCode = true,
): MeasuredSweep {
  const estimatesOf = (samples: readonly number[]): Estimates => ({
    [metric]: {
      value: samples[0] ?? 0,
      interval: null,
      n: samples.length,
      confidence: null,
      resolvable_effect: null,
    },
  });
  return {
    artifactId: 'art_sweep',
    sameCode,
    sweep: {
      over,
      metric,
      points: points.map(({ value, samples }) => ({ value, estimates: estimatesOf(samples) })),
      fit,
      knee: null,
      plots: [],
      warnings: [],
    },
  };
}

/** As measure_baseline would have stored it. */
function stored(name: string, sameCode = true): MeasuredSweep {
  const { over, points } = recordedSweep(name);
  if (over === 'size') {
    const fit = fitComplexity(points.map(({ value, samples }) => ({ size: value, times: samples })));
    return measured('size', 'latency_p50_ms', points, fit, sameCode);
  }
  const fit = fitScalability(
    points.map(({ value, samples }) => ({ concurrency: value, throughputs: samples })),
    { seed: 1 },
  );
  return measured('connections', 'throughput_rps', points, fit, sameCode);
}

function input(sweeps: readonly MeasuredSweep[], busyShareOfCore: number | null = 0.3): DetectorInput {
  return {
    attribution: emptyAnalysis(),
    runtime: null,
    load: { busyShareOfCore, cpuUsPerRequest: null, ratePerS: null, latencyMs: {} },
    cores: 1,
    metrics: [],
    sources: new Map(),
    sweeps,
  };
}

const kinds = (findings: readonly Finding[]) => findings.map(({ kind }) => kind);

describe('super-linear growth', () => {
  it('is named for the recorded n² function, with the gain of a linear one', () => {
    const [finding, ...rest] = detectBottlenecks(input([stored('quadratic')]));
    expect(rest).toEqual([]);
    expect(finding).toMatchObject({ kind: 'super-linear-growth', confidence: { level: 'high' } });
    expect(finding?.signals).toContain('class:n^2');
    expect(finding?.share.value).toBeGreaterThan(0.9);
    // 12,800 is 256 times 50: of n² nearly all goes when each unit costs what it does at 50.
    expect(finding?.ceilings[0]?.gain).toBeGreaterThan(0.8);
    expect(finding?.detail).toContain('art_sweep');
  });

  it.each(['linear', 'linearithmic', 'linearithmic-busy', 'constant'])(
    'is not for the recorded %s',
    (name) => {
      expect(detectBottlenecks(input([stored(name)]))).toEqual([]);
    },
  );

  it('of an earlier code state is of low confidence, and says why', () => {
    const [finding] = detectBottlenecks(input([stored('quadratic', false)]));
    expect(finding?.confidence.level).toBe('low');
    expect(finding?.confidence.reason).toContain('earlier state of the code');
  });

  it('stands under the nested loops that cause it', () => {
    const findings = detectBottlenecks({ ...recordedInput('nested-loop'), sweeps: [stored('quadratic')] });
    expect(findings[0]).toMatchObject({ kind: 'hot-function', location: { function: 'joinOrders' } });
    expect(findings[0]?.symptoms?.join()).toContain('O(n²)');
    expect(kinds(findings)).not.toContain('super-linear-growth');
  });
});

describe('contention', () => {
  it('is named for the recorded lock, and nothing is claimed of a peak', () => {
    const [finding, ...rest] = detectBottlenecks(input([stored('lock')]));
    expect(rest).toEqual([]);
    expect(finding).toMatchObject({ kind: 'contention', layer: 'architecture' });
    expect(finding?.share.value).toBeGreaterThan(0.2);
    expect(finding?.share.interval[0]).toBeLessThanOrEqual(finding?.share.value ?? 0);
    expect(finding?.ceilings[0]?.metric).toBe('throughput_rps');
    expect(finding?.ceilings[0]?.gain).toBeGreaterThan(1);
  });

  it('is not for the recorded service that shares nothing', () => {
    expect(detectBottlenecks(input([stored('free')]))).toEqual([]);
  });

  it('of one thread that is always busy is said to be that', () => {
    const [finding] = detectBottlenecks(input([stored('lock')], 0.98));
    expect(finding?.signals).toContain('one-thread');
    expect(finding?.detail).toContain('one thread');
  });

  it('stands under the code that keeps the one thread busy', () => {
    const recorded = recordedInput('sync-crypto');
    const findings = detectBottlenecks({
      ...recorded,
      load: { ...recorded.load, busyShareOfCore: 1 },
      sweeps: [stored('lock')],
    });
    expect(findings[0]?.kind).toBe('sync-crypto-or-compression');
    expect(findings[0]?.symptoms?.join()).toContain('waits for its turn');
    expect(kinds(findings)).not.toContain('contention');
  });
});

describe('coherency', () => {
  /** The law's own curve; no recorded service of one thread has a cost of each pair. */
  function curve(coherencyCost: number, levels: readonly number[]): MeasuredSweep {
    const points = levels.map((n) => {
      const throughput = (100 * n) / (1 + 0.02 * (n - 1) + coherencyCost * n * (n - 1));
      return { value: n, samples: [0.98, 1, 1.02].map((noise) => throughput * noise) };
    });
    const asLevels = points.map(({ value, samples }): ConcurrencyLevel => ({
      concurrency: value,
      throughputs: samples,
    }));
    return measured('connections', 'throughput_rps', points, fitScalability(asLevels, { seed: 3 }));
  }

  it('is named where the sweep went past the peak', () => {
    const found = detectBottlenecks(input([curve(0.002, [1, 2, 4, 8, 16, 32, 64, 128])]));
    const finding = found.find(({ kind }) => kind === 'coherency');
    // sqrt((1 - 0.02) / 0.002) = 22.1
    expect(finding?.signals).toContain('peak:22');
    expect(finding?.share.value).toBeGreaterThan(0.5);
    expect(finding?.ceilings[0]?.gain).toBeGreaterThan(1);
  });

  it('is not where it ended before, nor without such a cost', () => {
    expect(kinds(detectBottlenecks(input([curve(0.002, [1, 2, 4, 8, 16])])))).not.toContain('coherency');
    expect(kinds(detectBottlenecks(input([curve(0, [1, 2, 4, 8, 16, 32, 64])])))).not.toContain('coherency');
  });
});

it.each(['quadratic', 'lock'])('findings of the recorded %s have everything a bottleneck needs', (name) => {
  for (const finding of detectBottlenecks(input([stored(name)]))) {
    const row = {
      id: 'b',
      run_id: 'r',
      baseline_id: null,
      workload: 'w',
      rank: 1,
      evidence_ids: [],
      created_at: '',
    };
    expect(bottleneckSchema.safeParse({ ...finding, ...row }).error).toBeUndefined();
  }
});
