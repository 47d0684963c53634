import type { Coefficient, ScalabilityFit } from '../model/sweep.ts';
import type { Detector, DetectorInput, Finding } from './detector.ts';
import { percent } from './finding.ts';
import { fittedAs, measuredPoints, toFinding } from './swept.ts';
import type { Fitted } from './swept.ts';

type Term = 'contention' | 'coherency';

/** Below this share of a request's time at the upper end the sweep scales well enough. */
const WORTH_TELLING = 0.2;
/** Median distance of the levels from the curve up to which the law describes the sweep. */
const FITS_WELL = 0.1;

export interface LostTerm {
  readonly id: Term;
  readonly title: string;
  /** "waiting for their turn" */
  readonly what: string;
  readonly likely: string;
  readonly confirm: string;
}

/**
 * What one term of Gunther's law takes of the time of a request at the highest concurrency that was measured. A symptom:
 * the law tells that requests stand in each other's way, not where.
 */
export function detectLost(term: LostTerm): Detector {
  return {
    id: term.id,
    title: term.title,
    names: 'symptom',
    detect: ({ sweeps }: DetectorInput) =>
      fittedAs(sweeps, 'universal-scalability-law').flatMap(({ sweep, isOfThisCode }) =>
        describe(term, sweep, isOfThisCode),
      ),
  };
}

function describe(
  term: LostTerm,
  sweep: Fitted<'universal-scalability-law'>,
  isOfThisCode: boolean,
): readonly Finding[] {
  const { fit } = sweep;
  const highest = measuredPoints(sweep).at(-1);
  if (highest === undefined || highest.at < 2) return [];
  const n = highest.at;
  const at = (coefficient: number) => shareLost(term.id, fit, coefficient, n);
  const { value, interval } = fit[term.id];
  const share = { value: at(value), interval: [at(interval[0]), at(interval[1])] as const };
  // An interval that reaches down to nothing is what noise gives.
  if (share.value < WORTH_TELLING || share.interval[0] < WORTH_TELLING / 2) return [];
  const gain = (lost: number) => 1 / (1 - Math.min(lost, 0.99)) - 1;
  return [
    toFinding(
      {
        kind: term.id,
        title: `At ${n} ${sweep.over === 'connections' ? 'connections' : 'at once'} requests spend ${percent(share.value)} of their time ${term.what}`,
        layer: 'architecture',
        share,
        of: `time of a request at ${n} ${sweep.over}`,
        n: fit.samples,
        ceiling: {
          metric: sweep.metric,
          gain: gain(share.value),
          interval: [gain(share.interval[0]), gain(share.interval[1])],
          assumes: `upper bound: none of it at ${n} ${sweep.over}, until something else is busy`,
        },
        confidence: judge(fit),
        signals: [term.id, `levels:${fit.levels}`],
        detail: [
          `${term.id} ${coefficientText(fit[term.id])} by the Universal Scalability Law over ${fit.levels} levels, which miss it by ${percent(fit.misfit)}`,
          term.likely,
        ].join('\n'),
        confirm: term.confirm,
      },
      isOfThisCode,
    ),
  ];
}

/** The time of a request is 1 + σ (N - 1) + κ N (N - 1) times that of one alone. */
function shareLost(term: Term, fit: ScalabilityFit, coefficient: number, n: number): number {
  const contention = (term === 'contention' ? coefficient : fit.contention.value) * (n - 1);
  const coherency = (term === 'coherency' ? coefficient : fit.coherency.value) * n * (n - 1);
  return (term === 'contention' ? contention : coherency) / (1 + contention + coherency);
}

function judge({ misfit, levels, warnings }: ScalabilityFit): Finding['confidence'] {
  const reason = `${levels} levels, which miss the law by ${percent(misfit)}${warnings.length > 0 ? '; the fit has warnings' : ''}`;
  // The law cannot tell a lock from a core that is busy, so the cause is never certain.
  return { level: misfit <= FITS_WELL && warnings.length === 0 ? 'medium' : 'low', reason };
}

function coefficientText({ value, interval }: Coefficient): string {
  const text = (number: number) => number.toPrecision(2);
  return `${text(value)} [${text(interval[0])}, ${text(interval[1])}]`;
}
