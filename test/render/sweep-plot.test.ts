import { describe, expect, it } from 'vitest';
import type { MetricName } from '../../src/core/model/metrics.ts';
import { type Sweep, sweepSchema } from '../../src/core/model/sweep.ts';
import { fitComplexity } from '../../src/core/scaling/complexity-class.ts';
import { fitScalability } from '../../src/core/scaling/universal-scalability-law.ts';
import { renderSweepPlot } from '../../src/render/sweep-plot.ts';
import { recordedSweep } from '../core/scaling/recorded-sweeps.ts';

function sweepOf(name: string, metric: MetricName): Sweep {
  const { over, points } = recordedSweep(name);
  return sweepSchema.parse({
    over,
    metric,
    points: points.map(({ value, samples }) => ({
      value,
      estimates: {
        [metric]: {
          value: samples.toSorted((a, b) => a - b)[2],
          interval: [Math.min(...samples), Math.max(...samples)],
          n: samples.length,
          confidence: 0.94,
          resolvable_effect: null,
        },
      },
    })),
    fit:
      over === 'size'
        ? fitComplexity(points.map(({ value, samples }) => ({ size: value, times: samples })))
        : fitScalability(
            points.map(({ value, samples }) => ({ concurrency: value, throughputs: samples })),
            { seed: 1 },
          ),
    knee: null,
    plots: [],
    warnings: [],
  });
}

const count = (svg: string, pattern: RegExp) => svg.match(pattern)?.length ?? 0;

describe('renderSweepPlot', () => {
  it.each([
    ['lock', 'throughput_rps', 'Universal Scalability Law', /contention 0\.5\d* \[/],
    ['linearithmic', 'wall_ms', 'O(n log n)', /wall time over size/],
  ] as const)(
    '%s: all points with intervals and one curve, in a few kilobytes',
    (name, metric, curve, says) => {
      const sweep = sweepOf(name, metric);
      const svg = renderSweepPlot(sweep, 'demo');
      expect(renderSweepPlot(sweep, 'demo')).toBe(svg);
      expect(svg.length).toBeLessThan(12_000);
      expect(svg).not.toMatch(/NaN|Infinity|undefined|<script|href=/);
      expect(count(svg, /<g><title>/g)).toBe(sweep.points.length);
      expect(count(svg, /stroke-width="2"/g)).toBe(2);
      expect(svg).toContain(`>${curve}</text>`);
      expect(svg).toMatch(says);
    },
  );

  it('marks the peak, the knee and the points without a sample', () => {
    const sweep = sweepOf('free', 'throughput_rps');
    const peaked = renderSweepPlot(
      {
        ...sweep,
        points: [...sweep.points, { value: 64, estimates: {}, failed: 'the program died' }],
        fit:
          sweep.fit.kind === 'universal-scalability-law'
            ? {
                ...sweep.fit,
                peak: { status: 'named', concurrency: { value: 20, interval: [15, 30] }, throughput: 900 },
              }
            : sweep.fit,
      },
      'demo',
    );
    expect(peaked).toContain('>peak 20 [15, 30]</text>');
    expect(peaked).toContain('<title>64: the program died</title>');
    const searched = renderSweepPlot(
      {
        ...sweep,
        over: 'rate_per_s',
        fit: { kind: 'none', reason: 'no_law', text: 'Nothing is fitted over a rate.' },
        knee: {
          status: 'found',
          holds: 24,
          fails: 25,
          undecided: [],
          confirmed: true,
          trials: 9,
          text: 'The objectives hold at 24 /s and fail at 25 /s.',
        },
      },
      'demo',
    );
    expect(searched).toContain('objectives hold to 24 /s');
    expect(searched).toContain('>The objectives hold at 24 /s and fail at 25 /s.</text>');
  });

  it('sets texts side by side, with their own names', () => {
    const sweep = sweepOf('free', 'throughput_rps');
    const svg = renderSweepPlot(
      {
        ...sweep,
        over: 'environment',
        variable: 'POOL_SIZE',
        points: sweep.points
          .slice(0, 3)
          .map((point, i) => ({ ...point, value: ['small', 'large', 'huge'][i] ?? '' })),
        fit: { kind: 'none', reason: 'no_law', text: 'Texts have no order.' },
      },
      'demo',
    );
    for (const text of ['small', 'large', 'huge', 'POOL_SIZE']) expect(svg).toContain(`>${text}</text>`);
  });
});
