import type { Sweep, SweepFit } from '../core/model/sweep.ts';
import { METRICS } from '../core/model/metrics.ts';
import { formatMetricEstimate, formatNumber, formatShare } from './number.ts';
import { renderTable } from './table.ts';

/** The fit in one sentence, for a summary. */
export function describeFit(fit: SweepFit): string {
  switch (fit.kind) {
    case 'none':
      return `No curve: ${fit.text}`;
    case 'complexity':
      return fit.settled && fit.why.startsWith(fit.label)
        ? fit.why
        : `${fit.label}${fit.settled ? '' : ' (not settled)'}: ${fit.why}`;
    case 'universal-scalability-law': {
      const { contention, coherency, peak } = fit;
      const top =
        peak.status === 'named'
          ? `Peak at ${formatNumber(peak.concurrency.value)} connections [${formatNumber(peak.concurrency.interval[0])}, ${formatNumber(peak.concurrency.interval[1])}].`
          : peak.text;
      return `Contention ${formatShare(contention.value)} [${formatShare(contention.interval[0])}, ${formatShare(contention.interval[1])}], coherency ${formatNumber(coherency.value)} [${formatNumber(coherency.interval[0])}, ${formatNumber(coherency.interval[1])}]. ${top}`;
    }
  }
}

/** One row a point. */
export function describeSweep({ metric, points, over, variable }: Sweep): string {
  const rows = points.map(({ value, estimates, failed }) => {
    const estimate = estimates[metric];
    return [
      String(typeof value === 'number' ? Number(value.toPrecision(4)) : value),
      estimate === undefined ? 'no sample' : formatMetricEstimate(metric, estimate.value, estimate.interval),
      estimate === undefined ? '0' : String(estimate.n),
      failed ?? '',
    ];
  });
  const failing = rows.some((row) => row[3] !== '');
  return renderTable(
    [
      { title: variable ?? over },
      { title: METRICS[metric].title },
      { title: 'n', align: 'right' as const },
      ...(failing ? [{ title: 'failed' }] : []),
    ],
    rows.map((row) => (failing ? row : row.slice(0, 3))),
  );
}
