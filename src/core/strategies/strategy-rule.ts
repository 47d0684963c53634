import { isHeldThread } from '../detectors/holds-thread.ts';
import { isOfRequests } from '../detectors/share-of-requests.ts';
import type { Bottleneck, Layer } from '../model/evidence.ts';
import type { Constraint, Goals } from '../model/goals.ts';
import type { MetricName } from '../model/metrics.ts';
import type { Strategy } from '../model/strategy.ts';

/** What a constraint may forbid, and what a strategy therefore says it needs. */
export type ForbidTag = NonNullable<Constraint['forbids']>[number];

/** One remedy of the catalogue. Rules are pure: evidence and goals in, a reason or nothing out. */
export interface StrategyRule {
  readonly key: string;
  readonly layer: Layer;
  readonly title: string;
  /** Null when the evidence does not call for it; `why` names the evidence that does. */
  appliesTo(bottleneck: Bottleneck, goals: Goals): { readonly why: string } | null;
  readonly how: string;
  readonly tradeOffs: Strategy['trade_offs'];
  /** Metrics that it can move, the most direct one first: whose ceiling bounds it. */
  readonly affects: readonly MetricName[];
  /** What it needs that a constraint may forbid. */
  readonly needs: readonly ForbidTag[];
  /**
   * Which part of the ceiling such a change usually gets, (0, 1]. A prior from experience, for ranking only; it is
   * never shown as an expected gain.
   */
  readonly priorFractionOfCeiling: number;
  readonly validation: string;
}

export function hasSignal({ signals }: Bottleneck, ...wanted: readonly string[]): boolean {
  return wanted.some((name) => signals.includes(name));
}

export function findSignal({ signals }: Bottleneck, prefix: string): string | undefined {
  return signals.find((signal) => signal.startsWith(prefix))?.slice(prefix.length);
}

/** "renderCatalogue (src/catalogue.mjs)", or what else the bottleneck has for a place. */
export function nameOf({ location, title }: Bottleneck): string {
  if (location.function === undefined) return title;
  return location.file === undefined ? location.function : `${location.function} (${location.file})`;
}

export function shareText({ share }: Bottleneck): string {
  return `${Math.round(share.value * 100)} % of ${share.of}`;
}

/** Hot code of the project's own can be edited; a package can only be used otherwise. */
export function isOwnCode(bottleneck: Bottleneck): boolean {
  const { location } = bottleneck;
  return location.package === undefined && location.function !== undefined && !isWaiting(bottleneck);
}

/** Its place is where something is waited for and not what costs: no remedy for hot code helps there. */
export function isWaiting(bottleneck: Bottleneck): boolean {
  return isOfRequests(bottleneck.share) && !isHeldThread(bottleneck);
}

/** "select * from users where id = ? (authorOf, src/feed.js:3)": what is waited for, and from where. */
export function nameOfWait({ location, title }: Bottleneck): string {
  const what = location.statement ?? location.url;
  const place = [
    location.function,
    location.file === undefined
      ? undefined
      : `${location.file}${location.line === undefined ? '' : `:${location.line}`}`,
  ].filter((part) => part !== undefined);
  if (what === undefined && place.length === 0) return title;
  return [
    ...(what === undefined ? [] : [what.length > 80 ? `${what.slice(0, 79)}…` : what]),
    ...(place.length === 0 ? [] : [`(${place.join(', ')})`]),
  ].join(' ');
}
