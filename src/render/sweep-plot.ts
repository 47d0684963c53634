import { METRICS } from '../core/model/metrics.ts';
import type { Sweep, SweepDimension, SweepFit } from '../core/model/sweep.ts';
import { timeAt } from '../core/scaling/complexity-class.ts';
import { throughputAt } from '../core/scaling/universal-scalability-law.ts';
import { formatEstimate, formatMetricEstimate, formatNumber } from './number.ts';
import type { Axis } from './plot-axis.ts';
import { renderPlot, type PlotMark, type PlotPoint, type PlotSeries } from './plot-svg.ts';

const DIMENSIONS: Readonly<Record<SweepDimension, string>> = {
  connections: 'connections',
  rate_per_s: 'requests a second',
  size: 'size of the input',
  environment: 'value',
};

/** Enough for a smooth curve at any width that is drawn. */
const CURVE_POINTS = 120;

/** The measured points with their intervals, the fitted curve, and the peak or the knee. */
export function renderSweepPlot(sweep: Sweep, workload: string): string {
  const { title, unit } = METRICS[sweep.metric];
  const positions = positionsOf(sweep);
  const points = sweep.points.flatMap(({ value, estimates }, index): readonly PlotPoint[] => {
    const estimate = estimates[sweep.metric];
    if (estimate === undefined) return [];
    return [
      {
        x: positions[index] ?? 0,
        y: estimate.value,
        interval: estimate.interval,
        tooltip: `${value}: ${formatMetricEstimate(sweep.metric, estimate.value, estimate.interval)}, n = ${estimate.n}`,
      },
    ];
  });
  return renderPlot({
    title: `${workload}: ${title} over ${sweep.variable ?? DIMENSIONS[sweep.over]}`,
    note: describeFit(sweep.fit) ?? sweep.knee?.text ?? '',
    x: axisOf(sweep, positions),
    // Where sizes double, so do times: a class is a straight line on two logarithmic axes.
    y: { label: title, scale: sweep.over === 'size' ? 'log' : 'linear', unit },
    series: [
      { name: 'measured, with interval', draw: 'points', points },
      ...curveOf(
        sweep.fit,
        points.map(({ x }) => x),
      ),
    ],
    marks: marksOf(sweep),
    failed: sweep.points.flatMap(({ value, failed }, index) =>
      failed === undefined ? [] : [{ x: positions[index] ?? 0, why: `${value}: ${failed}` }],
    ),
  });
}

/** Numbers stand at their value, texts side by side. */
function positionsOf({ points }: Sweep): readonly number[] {
  const numbers = points.map(({ value }) => value).filter((value) => typeof value === 'number');
  return numbers.length === points.length ? numbers : points.map((_, index) => index);
}

function axisOf({ over, variable, points }: Sweep, positions: readonly number[]): Axis {
  const texts = points.some(({ value }) => typeof value === 'string');
  return {
    label: variable ?? DIMENSIONS[over],
    scale: over === 'size' ? 'log' : 'linear',
    ...(texts
      ? { ticks: points.map(({ value }, index) => ({ at: positions[index] ?? index, label: String(value) })) }
      : {}),
  };
}

function curveOf(fit: SweepFit, measured: readonly number[]): readonly PlotSeries[] {
  if (measured.length === 0) return [];
  const [low, high] = [Math.min(...measured), Math.max(...measured)];
  const along = Array.from(
    { length: CURVE_POINTS },
    (_, i) => low * (high / low) ** (i / (CURVE_POINTS - 1)),
  );
  const line = (name: string, at: (x: number) => number): readonly PlotSeries[] => [
    { name, draw: 'line', points: along.map((x) => ({ x, y: at(x) })) },
  ];
  switch (fit.kind) {
    case 'universal-scalability-law':
      return line('Universal Scalability Law', (x) => throughputAt(fit, x));
    case 'complexity': {
      const chosen = fit.candidates.find((candidate) => candidate.class === fit.class);
      return chosen === undefined ? [] : line(fit.label, (x) => timeAt(chosen, x));
    }
    case 'none':
      return [];
  }
}

function marksOf({ fit, knee }: Sweep): readonly PlotMark[] {
  const peak =
    fit.kind === 'universal-scalability-law' && fit.peak.status === 'named' ? [fit.peak.concurrency] : [];
  return [
    ...peak.map(({ value, interval }) => ({
      x: value,
      label: `peak ${formatEstimate(value, interval, 'count')}`,
    })),
    ...(knee === null || knee.holds === null
      ? []
      : [{ x: knee.holds, label: `objectives hold to ${formatNumber(knee.holds)} /s` }]),
  ];
}

function describeFit(fit: SweepFit): string | undefined {
  switch (fit.kind) {
    case 'universal-scalability-law': {
      const { contention, coherency } = fit;
      return [
        `contention ${formatEstimate(contention.value, contention.interval, 'count')}`,
        `coherency ${formatEstimate(coherency.value, coherency.interval, 'count')}`,
      ].join(', ');
    }
    case 'complexity':
      return `${fit.label}${fit.settled ? '' : ' (not settled)'}`;
    case 'none':
      return undefined;
  }
}
