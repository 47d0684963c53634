import { describe, expect, it } from 'vitest';
import { coherency } from '../../../src/core/detectors/coherency.ts';
import { contention } from '../../../src/core/detectors/contention.ts';
import { detectBottlenecks } from '../../../src/core/detectors/index.ts';
import type { DetectorInput } from '../../../src/core/detectors/index.ts';
import { superLinearGrowth } from '../../../src/core/detectors/super-linear-growth.ts';
import { estimateSide } from '../../../src/core/measurement/estimates.ts';
import type { MetricName } from '../../../src/core/model/metrics.ts';
import type { Sweep, SweepFit } from '../../../src/core/model/sweep.ts';
import { fitComplexity } from '../../../src/core/scaling/complexity-class.ts';
import { fitScalability } from '../../../src/core/scaling/universal-scalability-law.ts';
import { recordedSweep } from '../scaling/recorded-sweeps.ts';
import { emptyInput } from './detector-input.ts';

interface Points {
  readonly over: Sweep['over'];
  readonly points: readonly { readonly value: number; readonly samples: readonly number[] }[];
}

/** As the loop makes one of measured processes. */
function sweepOf({ over, points }: Points): Sweep {
  const metric: MetricName = over === 'connections' ? 'throughput_rps' : 'latency_p50_ms';
  const fit: SweepFit =
    over === 'connections'
      ? fitScalability(
          points.map(({ value, samples }) => ({ concurrency: value, throughputs: samples })),
          { seed: 1, resamples: 100 },
        )
      : fitComplexity(points.map(({ value, samples }) => ({ size: value, times: samples })));
  return {
    over,
    metric,
    points: points.map(({ value, samples }) => ({
      value,
      estimates: estimateSide(samples.map((sample) => ({ metrics: { [metric]: sample } }))),
    })),
    fit,
    knee: null,
    plots: [],
    warnings: [],
  };
}

function input(sweep: Sweep, isOfThisCode = true): DetectorInput {
  return emptyInput({ sweeps: [{ sweep, isOfThisCode }] });
}

const recorded = (name: string) => input(sweepOf(recordedSweep(name)));

/** Throughput of Gunther's law itself, three processes a level that differ by 1 %. */
function law(sigma: number, kappa: number): Points {
  return {
    over: 'connections',
    points: [1, 2, 4, 8, 16, 32, 64].map((n) => {
      const throughput = (100 * n) / (1 + sigma * (n - 1) + kappa * n * (n - 1));
      return { value: n, samples: [0.99, 1, 1.01].map((factor) => factor * throughput) };
    }),
  };
}

describe('super-linear growth', () => {
  it('is seen in a recorded quadratic function, with a ceiling', () => {
    const [finding, ...rest] = superLinearGrowth.detect(recorded('quadratic'));
    expect(rest).toEqual([]);
    expect(finding).toMatchObject({ kind: 'super-linear-growth', location: {} });
    expect(finding?.signals).toContain('class:n^2');
    expect(finding?.share.value).toBeGreaterThan(0.8);
    expect(finding?.ceilings[0]?.metric).toBe('latency_p50_ms');
  });

  it.each(['linear', 'linearithmic', 'linearithmic-busy', 'constant', 'lock', 'free'])(
    'is not seen in the recorded sweep "%s"',
    (name) => {
      expect(superLinearGrowth.detect(recorded(name))).toEqual([]);
    },
  );
});

describe('contention and coherency', () => {
  it('contention is seen in the recorded service with a lock, and not in the one that shares nothing', () => {
    const [finding] = contention.detect(recorded('lock'));
    expect(finding?.share.value).toBeGreaterThan(0.5);
    expect(finding?.signals).toContain('contention');
    expect(contention.detect(recorded('free'))).toEqual([]);
    expect(coherency.detect(recorded('free'))).toEqual([]);
  });

  it('each is told from the other where the law holds', () => {
    expect(contention.detect(input(sweepOf(law(0.1, 0))))[0]?.share.value).toBeCloseTo(6.3 / 7.3, 1);
    expect(coherency.detect(input(sweepOf(law(0.1, 0))))).toEqual([]);
    expect(coherency.detect(input(sweepOf(law(0, 0.002))))[0]?.share.value).toBeCloseTo(8.06 / 9.06, 1);
    expect(contention.detect(input(sweepOf(law(0, 0.002))))).toEqual([]);
  });

  it('the share has an interval around it, in bounds', () => {
    const [finding] = contention.detect(input(sweepOf(law(0.1, 0.0005))));
    const { value = 0, interval: [low, high] = [1, 0] } = finding?.share ?? {};
    expect(low).toBeLessThanOrEqual(value);
    expect(high).toBeGreaterThanOrEqual(value);
    expect(high).toBeLessThanOrEqual(1);
  });
});

describe('sweeps among other evidence', () => {
  it('nothing is said without a sweep, or of one that no law fits', () => {
    const { sweeps: _, ...without } = recorded('lock');
    expect(detectBottlenecks(without)).toEqual([]);
    const few = sweepOf({ over: 'connections', points: law(0.5, 0).points.slice(0, 2) });
    expect(few.fit.kind).toBe('none');
    expect(detectBottlenecks(input(few))).toEqual([]);
  });

  it('a sweep of another code state is never more than a hint', () => {
    const [finding] = superLinearGrowth.detect(input(sweepOf(recordedSweep('quadratic')), false));
    expect(finding?.confidence.level).toBe('low');
    expect(finding?.confidence.reason).toContain('another state of the code');
  });
});
