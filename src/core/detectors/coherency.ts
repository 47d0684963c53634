import type { Detector, Finding } from './detector.ts';
import { percent } from './finding.ts';
import { describeSource, judgeSweep } from './measured-sweep.ts';
import { gainWithout, levelOf, scalingSweeps, speedUp } from './scaling-limits.ts';
import type { ScalingSweep } from './scaling-limits.ts';

/** Of the time of a request at the largest concurrency. */
const LEAST_SHARE = 0.1;

/**
 * Work that grows with each pair of requests under way, so that more connections make throughput fall. Only where the sweep
 * went well past the peak: before that a plateau and a peak fit the same points.
 */
export const coherency: Detector = {
  id: 'coherency',
  title: 'Coherency cost',
  names: 'symptom',
  detect: (input) =>
    scalingSweeps(input).flatMap((sweep) => {
      const { fit, most } = sweep;
      if (fit.peak.status !== 'named') return [];
      const share = (cost: number): number => shareAt(cost, fit.contention.value, most);
      return share(fit.coherency.interval[0]) < LEAST_SHARE / 2 || share(fit.coherency.value) < LEAST_SHARE
        ? []
        : [describe(sweep, fit.peak.concurrency.value, share)];
    }),
};

/** What keeping in agreement takes of the time of a request at `n` connections. */
function shareAt(cost: number, contended: number, n: number): number {
  const pairs = cost * n * (n - 1);
  return pairs / (1 + contended * (n - 1) + pairs);
}

function describe(
  { measured, fit, most }: ScalingSweep,
  peak: number,
  share: (cost: number) => number,
): Finding {
  const { value, interval } = fit.coherency;
  return {
    kind: coherency.id,
    title: `Beyond ${Math.round(peak)} connections throughput falls: ${percent(share(value))} of a request at ${most} is the price of the others`,
    layer: 'architecture',
    location: {},
    share: {
      value: share(value),
      interval: [share(interval[0]), share(interval[1])],
      of: `time of a request at ${most} connections`,
      n: fit.samples,
    },
    ceilings: [
      {
        metric: 'throughput_rps',
        ...gainWithout(fit.coherency, (cost) => speedUp(fit.contention.value, cost, most)),
        assumes: `upper bound, at ${most} connections: requests cost the same however many there are`,
      },
    ],
    confidence: judgeSweep(
      measured,
      levelOf(fit),
      `${fit.samples} processes at ${fit.levels} levels; the peak was passed, what causes it is not told by a curve`,
    ),
    signals: ['coherency', `peak:${Math.round(peak)}`],
    detail: `${describeSource(measured)}: each pair of requests under way costs ${value.toPrecision(2)} of one request`,
    confirm: `Admit at most ${Math.round(peak)} requests at a time and let the others queue: throughput that stays at the peak confirms it.`,
  };
}
