import type { Detector, DetectorInput, Finding } from './detector.ts';
import { percent } from './finding.ts';
import { describeSource, judgeSweep } from './measured-sweep.ts';
import { gainWithout, isOneBusyThread, levelOf, scalingSweeps, speedUp } from './scaling-limits.ts';
import type { ScalingSweep } from './scaling-limits.ts';

/** 5 % of serial work ends at 20 times the throughput of one connection, where most services end anyway. */
const LEAST_CONTENTION = 0.05;

/** Work that waits for its turn, by Gunther's law over a measured sweep of connections. */
export const contention: Detector = {
  id: 'contention',
  title: 'Contention',
  names: 'symptom',
  detect: (input) =>
    scalingSweeps(input)
      .filter(({ fit }) => fit.contention.interval[0] >= LEAST_CONTENTION)
      .map((sweep) => describe(input, sweep)),
};

function describe(input: DetectorInput, { measured, fit, most }: ScalingSweep): Finding {
  const { value, interval } = fit.contention;
  const oneThread = isOneBusyThread(input);
  return {
    kind: contention.id,
    title: `${percent(value)} of the work of a request waits for its turn: more connections add little`,
    layer: oneThread ? 'algorithm' : 'architecture',
    location: {},
    share: { value, interval, of: 'work of a request that waits for its turn', n: fit.samples },
    ceilings: [
      {
        metric: 'throughput_rps',
        ...gainWithout(fit.contention, (cost) => speedUp(cost, fit.coherency.value, most)),
        assumes: `upper bound, at ${most} connections: nothing waits for its turn, and there are cores for all of them`,
      },
    ],
    confidence: judgeSweep(
      measured,
      levelOf(fit),
      `${fit.samples} processes at ${fit.levels} levels; what they wait for is not told by a curve`,
    ),
    signals: ['contention', ...(oneThread ? ['one-thread'] : [])],
    detail: `${describeSource(measured)}: the most that any number of connections could reach is ${(1 / value).toFixed(1)} times one${
      oneThread ? '; one thread is busy all the time, and that is what requests wait for' : ''
    }`,
    confirm: oneThread
      ? 'Start two processes behind one port: nearly twice the throughput confirms that the thread is what is shared.'
      : 'Look for what requests share one at a time (a lock, a pool of one, a single row): without it the curve must go on rising.',
  };
}
