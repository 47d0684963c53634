import type { BehaviourDifference } from './compare-behaviour.ts';
import type { MaskedPlace } from './learn-mask.ts';
import { describePath } from './path-mask.ts';

/** One difference as a sentence has it: "GET /posts?page=1: body $.items[3].price 12.5 -> 12.4". */
export function describeDifference({
  of,
  where,
  baseline,
  candidate,
  apart,
}: Omit<BehaviourDifference, 'size' | 'field'>): string {
  const far = apart === null ? '' : ` (apart by ${describeShare(apart)} of the larger)`;
  return `${of}: ${where} ${baseline} -> ${candidate}${far}`;
}

/** A masked place as people name it, e.g. "list: body $.items[*].seen_at". */
export function describeMasked({ group, facet, kind, path }: MaskedPlace): string {
  const [first] = path;
  if (first === undefined) return `${group}: ${facet}`;
  return `${group}: ${facet} ${kind === 'text' ? `line ${Number(first) + 1}` : describePath(path)}`;
}

/** Shares of a last digit are as interesting as those of a half. */
function describeShare(share: number): string {
  return share >= 0.001 ? `${Number((share * 100).toPrecision(2))} %` : share.toExponential(1);
}
