import { hotLinesOfFunction } from '../profile/hot-lines.ts';
import { findInterrupted } from '../profile/collections.ts';
import { describeSite } from './allocation-site.ts';
import type { Detector, DetectorInput, Finding } from './detector.ts';
import { ceilingsOf, describePlace, hasEnoughEvidence, percent, shareWithInterval } from './finding.ts';
import { describeHotLines } from './source-reading.ts';

/** A healthy service spends 1 to 5 % in garbage collection. */
export const GC_THRESHOLD = 0.1;

/**
 * Services of examples/bottlenecks without a planted cause showed up to 13 % under full load: from here on it is more than
 * the price of being busy.
 */
const CLEARLY_TOO_MUCH = 0.2;

/** Of busy CPU time by the profile, or of the window by the runtime's own counters: whichever saw more. */
export function gcShareOf({ attribution, runtime }: DetectorInput): number {
  return Math.max(attribution.coverage.gc, runtime?.gcShare ?? 0);
}

/** Much time in garbage collection, by the profile or by the runtime's own counters. */
export const gcPressure: Detector = {
  id: 'gc-pressure',
  title: 'Garbage collection pressure',
  names: 'process',
  detect(input) {
    if (!hasEnoughEvidence(input)) return [];
    const byProfile = input.attribution.coverage.gc;
    const byRuntime = input.runtime?.gcShare;
    if (byProfile < GC_THRESHOLD && (byRuntime ?? 0) < GC_THRESHOLD) return [];
    return [describe(input, gcShareOf(input), byProfile, byRuntime)];
  },
  measureAt: ({ attribution }) => ({
    share: attribution.coverage.gc,
    shareWithCallees: attribution.coverage.gc,
  }),
};

function describe(
  input: DetectorInput,
  share: number,
  byProfile: number,
  byRuntime: number | undefined,
): Finding {
  const allocating = (input.memory?.allocation ?? []).filter(({ file }) => file !== undefined).slice(0, 3);
  const interrupted = findInterrupted(input.attribution);
  // Where the order of samples doesn't tell, who allocated can only be guessed from who ran.
  const ran = input.attribution.functions.filter(({ isUser, own }) => isUser && own > 0);
  const candidates = (interrupted.length > 0 ? interrupted.map(({ cost }) => cost) : ran).slice(0, 3);
  const [first] = candidates;
  const text = first?.file === undefined ? undefined : input.sources.get(first.file);
  const withInterval = shareWithInterval(share, input.attribution.totals.busySamples);
  const ceilings = ceilingsOf(input, share).map((ceiling) => ({
    ...ceiling,
    assumes: `${ceiling.assumes}; all garbage vanishes`,
  }));
  return {
    kind: gcPressure.id,
    title: `Garbage collection takes ${percent(share)} of busy CPU time`,
    layer: 'algorithm',
    location: {},
    share:
      byProfile >= (byRuntime ?? 0) ? withInterval : { ...withInterval, of: 'time of the measured window' },
    ceilings: [
      ...ceilings.filter(({ metric }) => metric !== 'gc_share'),
      { metric: 'gc_share', gain: 1, interval: [1, 1], assumes: 'upper bound: all garbage vanishes' },
    ],
    confidence: judge(input, byProfile, byRuntime),
    signals: [
      'gc',
      ...candidates.map(({ frame }) => `candidate:${frame.name}`),
      ...(share >= 0.3 ? ['gc-heavy'] : []),
    ],
    detail: [
      `by the profile ${percent(byProfile)}${byRuntime === undefined ? '' : `, by the runtime's counters ${percent(byRuntime)} of the window`}`,
      ...(allocating.length === 0
        ? []
        : [
            `allocates most: ${allocating.map((site) => `${describeSite(site)} ${percent(site.share)}`).join('; ')}`,
          ]),
      ...(interrupted.length === 0
        ? []
        : [
            `of that while these, or what they call, ran: ${interrupted
              .slice(0, 3)
              .map(({ cost, share: part }) => `${describePlace(cost)} ${percent(part)}`)
              .join('; ')}`,
          ]),
      ...(candidates.length === 0 || allocating.length > 0 || interrupted.length > 0
        ? []
        : [`ran most, so candidates for the allocation: ${candidates.map(describePlace).join('; ')}`]),
      ...(first === undefined
        ? []
        : [describeHotLines(hotLinesOfFunction(input.attribution, first.frameIndex), text)].filter(
            (line) => line !== '',
          )),
    ].join('\n'),
    confirm:
      'Run with a larger young generation (--max-semi-space-size=64): if most of the share goes, short-lived garbage is the cause; if it stays, too much survives.',
  };
}

function judge(
  input: DetectorInput,
  byProfile: number,
  byRuntime: number | undefined,
): Finding['confidence'] {
  const n = input.attribution.totals.busySamples;
  if (n < 100) return { level: 'low', reason: `only ${n} busy samples` };
  if (byRuntime === undefined)
    return { level: 'medium', reason: `${n} busy samples; no runtime counters to compare with` };
  const both = byProfile >= CLEARLY_TOO_MUCH && byRuntime >= GC_THRESHOLD;
  const seen = `profile says ${percent(byProfile)} of busy time, runtime counters ${percent(byRuntime)} of the window`;
  if (both) return { level: 'high', reason: `${n} busy samples; ${seen}` };
  return {
    level: 'medium',
    reason: byProfile < CLEARLY_TOO_MUCH ? `${seen}: busy services without a fault reach that too` : seen,
  };
}
