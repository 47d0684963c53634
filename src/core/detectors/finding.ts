import type { Location } from '../model/evidence.ts';
import type { MetricName } from '../model/metrics.ts';
import { frameKey } from '../profile/builder.ts';
import type { FunctionCost } from '../profile/analyze.ts';
import { wilsonInterval } from '../stats/proportion.ts';
import { computeCeilings } from './ceiling.ts';
import { MIN_BUSY_SAMPLES, SHARE_OF_BUSY, SHARE_THRESHOLD } from './detector.ts';
import type { DetectorInput, Finding } from './detector.ts';

export type Confidence = Finding['confidence'];

/** The share with the interval that its samples allow. */
export function shareWithInterval(value: number, n: number): Finding['share'] {
  const [low, high] = wilsonInterval({ share: value, n }) ?? [0, 1];
  return { value, interval: [low, high], of: SHARE_OF_BUSY, n };
}

export function hasEnoughEvidence({ attribution }: DetectorInput): boolean {
  return attribution.totals.busySamples >= MIN_BUSY_SAMPLES;
}

/** Over the threshold, and not by chance alone: the interval stays above half of it. */
export function isWorthReporting(share: Finding['share']): boolean {
  return share.value >= SHARE_THRESHOLD && share.interval[0] >= SHARE_THRESHOLD / 2;
}

/**
 * What every finding about a function says of its place and its size.
 *
 * @param share of busy time
 * @param gained what of it could go, where that is not the share itself
 */
export function sizeOfFunction(
  input: DetectorInput,
  cost: FunctionCost,
  share: number,
  {
    gained = share,
    metrics = [],
  }: { readonly gained?: number; readonly metrics?: readonly MetricName[] } = {},
): Pick<Finding, 'location' | 'share' | 'self_share' | 'ceilings'> {
  return {
    location: locate(cost),
    share: shareWithInterval(share, input.attribution.totals.busySamples),
    self_share: cost.selfShare,
    ceilings: ceilingsOf(input, gained, metrics),
  };
}

export function locate(cost: FunctionCost): Location {
  return {
    function: cost.frame.name,
    ...(cost.file === undefined ? {} : { file: cost.file }),
    ...(cost.frame.line === undefined ? {} : { line: cost.frame.line }),
    ...(cost.package === undefined ? {} : { package: cost.package }),
  };
}

/** "renderCatalogue (src/catalogue.mjs:9)" */
export function describePlace(cost: FunctionCost): string {
  if (cost.file === undefined) return cost.frame.name;
  const line = cost.frame.line === undefined ? '' : `:${cost.frame.line}`;
  return `${cost.frame.name} (${cost.file}${line})`;
}

export function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

const ENOUGH_FOR_HIGH = 300;
const ENOUGH_FOR_MEDIUM = 100;

/**
 * How far a share can be believed: by the number of samples, and by whether the plain profile gives the function the
 * same inclusive time. Turning inlining off makes small functions dearer than they are; a function that only costs
 * in the attribution profile may be an artefact of it.
 *
 * @param seenBy `line`: what the work is was read from source text, so it is never more than medium
 */
export function judgeFunction(
  input: DetectorInput,
  cost: FunctionCost,
  seenBy: 'frame' | 'line' = 'frame',
): Confidence {
  const n = input.attribution.totals.busySamples;
  const samples = `${n} busy samples`;
  if (n < ENOUGH_FOR_MEDIUM) return { level: 'low', reason: `only ${samples}` };
  const fromText = seenBy === 'line' ? '; what the line does was read from its text' : '';
  const twin = findTwin(input, cost);
  if (twin === undefined)
    return { level: 'medium', reason: `${samples}; no plain profile to compare with${fromText}` };
  const difference = Math.abs(twin.share - cost.totalShare);
  const agreement = `inclusive share ${percent(cost.totalShare)} here, ${percent(twin.share)} in the plain profile`;
  if (difference > 0.1 && difference > 0.25 * cost.totalShare) {
    if (twin.missing)
      return { level: 'medium', reason: `${samples}; inlined away in the plain profile${fromText}` };
    // Off by a quarter to a half is usual on a shared machine; beyond that the two saw different programs.
    const level = difference <= 0.5 * cost.totalShare ? 'medium' : 'low';
    return { level, reason: `${samples}; the profiles differ: ${agreement}${fromText}` };
  }
  const level = n >= ENOUGH_FOR_HIGH && seenBy === 'frame' ? 'high' : 'medium';
  return { level, reason: `${samples}; ${agreement}${fromText}` };
}

function findTwin(
  input: DetectorInput,
  cost: FunctionCost,
): { readonly share: number; readonly missing: boolean } | undefined {
  if (input.plain === undefined) return undefined;
  const key = frameKey(cost.frame);
  const twin = input.plain.functions.find(({ frame }) => frameKey(frame) === key);
  return { share: twin?.totalShare ?? 0, missing: twin === undefined };
}

/** Ceilings of work that makes `share` of busy time. */
export function ceilingsOf(
  input: DetectorInput,
  share: number,
  extra: readonly MetricName[] = [],
): Finding['ceilings'] {
  const { value, interval } = shareWithInterval(share, input.attribution.totals.busySamples);
  return [...computeCeilings({ value, interval }, input.load, [...input.metrics, ...extra])];
}
