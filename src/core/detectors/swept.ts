import type { Ceiling, Location } from '../model/evidence.ts';
import type { Sweep, SweepFit } from '../model/sweep.ts';
import type { Finding } from './detector.ts';

/** The newest sweep of a dimension, and whether it was measured on the code that is looked at now. */
export interface SweptFact {
  readonly sweep: Sweep;
  readonly isOfThisCode: boolean;
}

export type Fitted<K extends SweepFit['kind']> = Sweep & { readonly fit: Extract<SweepFit, { kind: K }> };

export function fittedAs<K extends SweepFit['kind']>(
  swept: readonly SweptFact[] | undefined,
  kind: K,
): readonly { readonly sweep: Fitted<K>; readonly isOfThisCode: boolean }[] {
  return (swept ?? []).flatMap(({ sweep, isOfThisCode }) =>
    isFitted(sweep, kind) ? [{ sweep, isOfThisCode }] : [],
  );
}

function isFitted<K extends SweepFit['kind']>(sweep: Sweep, kind: K): sweep is Fitted<K> {
  return sweep.fit.kind === kind;
}

/** Points that were measured, from the lowest on. */
export function measuredPoints({
  points,
  metric,
}: Sweep): readonly { readonly at: number; readonly value: number }[] {
  return points
    .flatMap(({ value: at, estimates }) => {
      const value = estimates[metric]?.value;
      return typeof at === 'number' && value !== undefined ? [{ at, value }] : [];
    })
    .sort((a, b) => a.at - b.at);
}

export interface SweptFinding {
  readonly kind: string;
  readonly title: string;
  readonly layer: Finding['layer'];
  readonly share: { readonly value: number; readonly interval: readonly [number, number] };
  readonly of: string;
  readonly n: number;
  readonly ceiling: Ceiling;
  readonly confidence: Finding['confidence'];
  readonly signals: readonly string[];
  readonly detail: string;
  readonly confirm: string;
}

/** A sweep knows no place in the code: it says that something costs, and profiles at its upper end say what. */
export function toFinding(
  { share, of, n, ceiling, confidence, signals, ...rest }: SweptFinding,
  isOfThisCode: boolean,
): Finding {
  const location: Location = {};
  return {
    ...rest,
    location,
    share: { value: share.value, interval: [share.interval[0], share.interval[1]], of, n },
    ceilings: [ceiling],
    confidence: isOfThisCode
      ? confidence
      : { level: 'low', reason: `the sweep was measured on another state of the code; ${confidence.reason}` },
    signals: ['sweep', ...signals],
  };
}
