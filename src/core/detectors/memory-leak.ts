import { handlesGrow, shapeOf } from '../memory/growth.ts';
import type { AllocationSite, HeapGrowth } from '../memory/model.ts';
import { wilsonInterval } from '../stats/proportion.ts';
import { describeSite, locateSite } from './allocation-site.ts';
import type { Detector, Finding } from './detector.ts';
import { percent } from './finding.ts';

export const SHARE_OF_LEFT = 'memory that the loads left behind';

/** From this share on the heaviest site is where the growth comes from; below, several are named. */
const CLEAR_SHARE = 0.5;
/** Readings from which a straight line is believed: a cache that fills exponentially has bent by then, if it ever will. */
const ENOUGH_FOR_HIGH = 8;

/** The heap after a full collection grows with every request, and by as much at the end as at the beginning. */
export const memoryLeak: Detector = {
  id: 'memory-leak',
  title: 'Memory leak',
  names: 'process',
  detect({ memory }) {
    const growth = memory?.growth ?? null;
    if (memory === undefined || growth === null || shapeOf(growth) !== 'grows') return [];
    // What the runtime keeps for itself has no function that anybody could edit.
    const sites = memory.live.filter(({ file }) => file !== undefined);
    return [describe(growth, sites, findCollector(growth, sites))];
  },
};

/** Of a collection, for each thing in it: a pointer. A list that is only sometimes added to grows by less. */
const SLOT_BYTES = 8;

/**
 * The function that puts something into a Map, a Set or an array with (nearly) every request, where one does. Objects are
 * often not made where they are kept: V8 makes the characters of a text when somebody first looks at them, which is when an
 * answer is sent. What grows is what holds on to them.
 */
function findCollector(
  { operationsPerLoad, heapUsedBytes }: HeapGrowth,
  sites: readonly AllocationSite[],
): AllocationSite | undefined {
  const operations = operationsPerLoad * heapUsedBytes.length;
  const [most] = sites
    .filter(
      ({ package: owner, intoCollections = 0 }) =>
        owner === undefined && intoCollections >= SLOT_BYTES * operations,
    )
    .sort((a, b) => (b.intoCollections ?? 0) - (a.intoCollections ?? 0));
  return most;
}

function describe(
  growth: HeapGrowth,
  sites: readonly AllocationSite[],
  collector: AllocationSite | undefined,
): Finding {
  const { bytesPerOperation, interval, heapUsedBytes, operationsPerLoad } = growth;
  const [site] = sites;
  const place = collector ?? site;
  const made =
    site === undefined || site === collector
      ? ''
      : `, of which ${percent(site.share)} is allocated in ${describeSite(site)}`;
  const stays =
    collector === undefined
      ? site === undefined
        ? ''
        : `; what stays is allocated in ${describeSite(site)}`
      : `; ${describeSite(collector)} puts something into a collection each time that stays${made}`;
  const share = site?.share ?? 0;
  const n = site === undefined ? 0 : Math.round(site.samples / Math.max(site.share, 1e-9));
  const [low, high] = wilsonInterval({ share, n: Math.max(1, n) }) ?? [0, 1];
  const first = heapUsedBytes[0] ?? 0;
  const last = heapUsedBytes.at(-1) ?? 0;
  const operations = Math.round(operationsPerLoad * (heapUsedBytes.length - 1));
  const handles = handlesGrow(growth);
  return {
    kind: memoryLeak.id,
    title: `The heap grows by ${formatBytes(bytesPerOperation)} with every request${stays}`,
    layer: 'architecture',
    location: place === undefined ? {} : locateSite(place),
    share: { value: share, interval: [low, high], of: SHARE_OF_LEFT, n },
    ceilings: [
      {
        metric: 'rss_peak_bytes',
        gain: last > 0 ? (last - first) / last : 0,
        interval: [0, last > 0 ? (last - first) / last : 0],
        assumes: `upper bound, as if the heap were all of it, after ${operations} requests; it grows with each further one`,
      },
    ],
    confidence: judge(growth, site),
    signals: [
      'leak',
      'memory',
      ...(handles ? ['handles-grow'] : []),
      ...(collector === undefined ? [] : ['collection-grows']),
      ...(place?.package === undefined ? [] : [`package:${place.package}`]),
      ...sites.slice(0, 3).map((one) => `live:${one.function}`),
    ],
    detail: [
      `after a full collection each: ${heapUsedBytes.map(formatBytes).join(', ')} (about ${Math.round(operationsPerLoad)} requests apart)`,
      `per request ${formatBytes(bytesPerOperation)} [${formatBytes(interval[0])}, ${formatBytes(interval[1])}]`,
      ...sites.slice(0, 3).map((one) => `alive at the end: ${percent(one.share)} from ${describeSite(one)}`),
      ...(handles
        ? [
            `handles of the event loop: ${growth.activeHandles.join(', ')}, so connections, timers or watchers stay too`,
          ]
        : []),
    ].join('\n'),
    confirm:
      'Find what holds on to objects of that place (a module-level Map or array, a listener that is never removed, a timer), bound or drop it, and take the pass again: the slope must vanish. A cache with a bound is refuted as a leak when it levels off under more load.',
  };
}

function judge(growth: HeapGrowth, site: AllocationSite | undefined): Finding['confidence'] {
  const readings = growth.heapUsedBytes.length;
  const where =
    site === undefined
      ? 'no allocation site was sampled'
      : `${percent(site.share)} of what stays comes from one place (${site.samples} samples)`;
  const doubt = 'a cache that takes longer to fill would look the same';
  const clear = site !== undefined && site.share >= CLEAR_SHARE && site.samples >= 10;
  return {
    level: clear && readings >= ENOUGH_FOR_HIGH ? 'high' : site === undefined ? 'low' : 'medium',
    reason: `${readings} readings after full collections rise in a straight line; ${where}; ${doubt}`,
  };
}

/** A detector's text is data for people already; 1 KiB = 1024 bytes. */
function formatBytes(bytes: number): string {
  const size = Math.abs(bytes);
  if (size >= 1024 * 1024) return `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
  if (size >= 1024) return `${(bytes / 1024).toFixed(1)} KiB`;
  return `${Math.round(bytes)} B`;
}
