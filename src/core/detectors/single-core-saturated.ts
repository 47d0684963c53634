import type { Detector } from './detector.ts';
import { percent } from './finding.ts';

/** One thread that is this busy in a closed loop has nothing left. Above: several threads work already. */
const SATURATED = [0.85, 1.25] as const;

/** Capacity ends at one core although the machine has more: a matter of deployment, after the code has been looked at. */
export const singleCoreSaturated: Detector = {
  id: 'single-core-saturated',
  title: 'One core saturated',
  names: 'symptom',
  detect({ load, cores, attribution }) {
    const busy = load.busyShareOfCore;
    if (busy === null || cores < 2 || busy < SATURATED[0] || busy > SATURATED[1]) return [];
    const value = Math.min(1, busy);
    // The load generator and the kernel need a core too.
    const usable = Math.max(1, cores - 1);
    return [
      {
        kind: singleCoreSaturated.id,
        title: `The service uses one core to ${percent(value)} while the machine has ${cores}`,
        layer: 'infrastructure',
        location: {},
        share: {
          value,
          interval: [value, value],
          of: 'one core, in the closed loop',
          n: attribution.totals.busySamples,
        },
        ceilings: [
          {
            metric: 'throughput_rps',
            gain: cores - 1,
            interval: [usable - 1, cores - 1],
            assumes: `upper bound: perfectly parallel over ${cores} cores; the lower end leaves one core to the load generator`,
          },
        ],
        confidence:
          cores >= 4
            ? { level: 'medium', reason: `CPU of the process was measured; ${cores} cores are there` }
            : {
                level: 'low',
                reason: `with ${cores} cores the load generator competes for the one that is free`,
              },
        signals: ['single-core', `cores:${cores}`],
        confirm:
          'Start two processes behind one port (node:cluster) under the same load: capacity near twice as high confirms it, the same capacity means that something shared is the limit.',
      },
    ];
  },
};
