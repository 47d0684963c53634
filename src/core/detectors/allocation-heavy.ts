import type { AllocationSite } from '../memory/model.ts';
import { describeSite, locateSite } from './allocation-site.ts';
import type { Detector, DetectorInput, Finding } from './detector.ts';
import { ceilingsOf, hasEnoughEvidence, isWorthReporting, percent, shareWithInterval } from './finding.ts';
import { GC_THRESHOLD, gcShareOf } from './gc-pressure.ts';

/** A site below this has too little of the garbage to be the reason for collections. */
const LEAST_SITE_SHARE = 0.2;
/** Sites of this many samples: the share of one that has 10 of 30 is off by half at most. */
const FEWEST_SAMPLES = 10;
const MANY_SAMPLES = 100;

/**
 * Who makes the garbage that collections clear away: V8 puts collections beside the stack, so a CPU profile can only guess.
 * Said where collection costs; a program that allocates much and pays little for it has no bottleneck there.
 */
export const allocationHeavy: Detector = {
  id: 'allocation-heavy',
  title: 'Allocation that collection pays for',
  names: 'work',
  detect(input) {
    const { memory } = input;
    if (memory === undefined || !hasEnoughEvidence(input) || gcShareOf(input) < GC_THRESHOLD) return [];
    return memory.allocation
      .filter(
        ({ file, share, samples }) =>
          file !== undefined && share >= LEAST_SITE_SHARE && samples >= FEWEST_SAMPLES,
      )
      .flatMap((site) => {
        const share = shareWithInterval(gcShareOf(input) * site.share, input.attribution.totals.busySamples);
        return isWorthReporting(share) ? [describe(input, site, share)] : [];
      });
  },
};

function describe(input: DetectorInput, site: AllocationSite, share: Finding['share']): Finding {
  const perRequest = input.memory?.allocatedBytesPerOperation ?? null;
  const place = describeSite(site);
  return {
    kind: allocationHeavy.id,
    title: `${percent(site.share)} of all allocation is in ${place}, and collection takes ${percent(gcShareOf(input))} of busy CPU time`,
    layer: 'algorithm',
    location: locateSite(site),
    share,
    ceilings: ceilingsOf(input, share.value).map((ceiling) => ({
      ...ceiling,
      assumes: `${ceiling.assumes}; collection costs as its share of allocation, survivors cost more`,
    })),
    confidence: {
      level: site.samples >= MANY_SAMPLES ? 'high' : 'medium',
      reason: `${site.samples} sampled allocations; the time of collection is measured, and charged by bytes`,
    },
    signals: [
      'gc',
      'allocation',
      // What it is the cause of: joined with the finding of that kind.
      'explains:gc-pressure',
      ...(site.package === undefined ? ['own-code'] : [`package:${site.package}`]),
    ],
    detail: [
      ...(perRequest === null
        ? []
        : [
            `about ${Math.round((perRequest * site.share) / 1024)} of ${Math.round(perRequest / 1024)} KiB a request`,
          ]),
      `allocates most: ${(input.memory?.allocation ?? [])
        .slice(0, 3)
        .map((one) => `${describeSite(one)} ${percent(one.share)}`)
        .join('; ')}`,
    ].join('\n'),
    confirm: `Let ${place} reuse what it builds, or build less, and look at gc_share and at allocated bytes a request: both must fall.`,
  };
}
