import { InputError } from '../errors.ts';
import type { Knee } from '../model/sweep.ts';

/** What one measurement at a rate said about the objectives: all hold, one fails, or an interval spans its target. */
export type TrialOutcome = 'holds' | 'fails' | 'undecided';

export interface Trial {
  readonly ratePerS: number;
  readonly outcome: TrialOutcome;
}

export interface SaturationPlan {
  /** Where to begin: the workload's own rate, or a share of the measured capacity. */
  readonly startPerS: number;
  readonly minimumPerS: number;
  readonly maximumPerS: number;
  /** Done when fails / holds is at most 1 + this; default 0.05. */
  readonly resolution?: number;
  /** Trials in all, also repeated ones; default 16. */
  readonly maximumTrials?: number;
}

export type SaturationStep =
  { readonly kind: 'measure'; readonly ratePerS: number } | { readonly kind: 'done'; readonly knee: Knee };

/** Rates double or halve until one holds and one fails: from any start within tenfold the bracket takes four trials. */
const GROWTH = 2;
const RESOLUTION = 0.05;
const MAXIMUM_TRIALS = 16;
/** A rate that stays even after three trials is within the noise of the knee; more would measure the noise. */
const TRIALS_OF_A_RATE = 3;
/** An end of the bracket that one stalled process decided would move the knee by any factor. */
const CONFIRMING_TRIALS = 2;

/**
 * The next rate to measure, or the knee: a function of all trials so far, so that a run can be shown, stopped and
 * resumed at any point. Brackets by doubling, bisects the logarithm, then tries both ends a second time; an end
 * that contradicts itself is tried again, and when the majority turns, the search goes on from there.
 */
export function nextSaturationStep(plan: SaturationPlan, trials: readonly Trial[]): SaturationStep {
  requireSensiblePlan(plan);
  const rates = tally(trials);
  const bracket = bracketOf(rates);
  const rate =
    trials.length >= (plan.maximumTrials ?? MAXIMUM_TRIALS) ? null : chooseRate(plan, rates, bracket);
  return rate === null
    ? { kind: 'done', knee: conclude(plan, rates, bracket, trials.length) }
    : { kind: 'measure', ratePerS: rate };
}

interface TriedRate {
  readonly rate: number;
  readonly outcome: TrialOutcome;
  readonly trials: number;
  /** Trials that said what the outcome says. */
  readonly agreeing: number;
}

interface Bracket {
  readonly holds: TriedRate | null;
  /** The lowest rate above `holds` that does not hold: it fails, or stays undecided. */
  readonly stops: TriedRate | null;
}

/** By rate, ascending; the majority of its trials is its outcome, undecided ones counting for neither side. */
function tally(trials: readonly Trial[]): readonly TriedRate[] {
  const byRate = new Map<number, TrialOutcome[]>();
  for (const { ratePerS, outcome } of trials)
    byRate.set(ratePerS, [...(byRate.get(ratePerS) ?? []), outcome]);
  return [...byRate]
    .map(([rate, outcomes]) => {
      const count = (wanted: TrialOutcome) => outcomes.filter((outcome) => outcome === wanted).length;
      const balance = count('holds') - count('fails');
      const outcome: TrialOutcome = balance > 0 ? 'holds' : balance < 0 ? 'fails' : 'undecided';
      return { rate, outcome, trials: outcomes.length, agreeing: count(outcome) };
    })
    .sort((a, b) => a.rate - b.rate);
}

/** Objectives that hold above a rate that stops are luck: the lowest stop ends the search upwards. */
function bracketOf(rates: readonly TriedRate[]): Bracket {
  const stops = rates.find(({ outcome }) => outcome !== 'holds') ?? null;
  const holds = rates.filter(({ rate, outcome }) => outcome === 'holds' && rate < (stops?.rate ?? Infinity));
  return { holds: holds.at(-1) ?? null, stops };
}

function chooseRate(
  plan: SaturationPlan,
  rates: readonly TriedRate[],
  { holds, stops }: Bracket,
): number | null {
  const open = rates.find(({ outcome, trials }) => outcome === 'undecided' && trials < TRIALS_OF_A_RATE);
  if (open && open.rate === stops?.rate) return open.rate;
  if (stops === null) {
    if (holds === null) return plan.startPerS;
    if (holds.rate < plan.maximumPerS) return Math.min(plan.maximumPerS, holds.rate * GROWTH);
  } else if (holds === null) {
    if (stops.rate > plan.minimumPerS) return Math.max(plan.minimumPerS, stops.rate / GROWTH);
  } else if (stops.rate / holds.rate > 1 + (plan.resolution ?? RESOLUTION)) {
    return Math.sqrt(holds.rate * stops.rate);
  }
  const doubtful = [holds, stops].find(
    (end) => end !== null && !isConfirmed(end) && end.trials < TRIALS_OF_A_RATE,
  );
  return doubtful?.rate ?? null;
}

function isConfirmed({ outcome, agreeing, trials }: TriedRate): boolean {
  return outcome === 'undecided' ? trials >= TRIALS_OF_A_RATE : agreeing >= CONFIRMING_TRIALS;
}

function conclude(
  plan: SaturationPlan,
  rates: readonly TriedRate[],
  { holds, stops }: Bracket,
  trials: number,
): Knee {
  const above = rates.filter(({ rate }) => rate > (holds?.rate ?? 0));
  const fails = above.find(({ outcome }) => outcome === 'fails') ?? null;
  const undecided = above
    .filter(({ rate, outcome }) => outcome === 'undecided' && rate < (fails?.rate ?? Infinity))
    .map(({ rate }) => rate);
  const status = statusOf(plan, { holds, stops });
  return {
    status,
    holds: holds?.rate ?? null,
    fails: fails?.rate ?? null,
    undecided,
    confirmed: [holds, stops].every((end) => end === null || isConfirmed(end)),
    trials,
    text: describe(status, holds?.rate ?? null, fails?.rate ?? null, undecided),
  };
}

function statusOf(plan: SaturationPlan, { holds, stops }: Bracket): Knee['status'] {
  if (stops === null) return holds?.rate === plan.maximumPerS ? 'above_maximum' : 'out_of_steps';
  if (holds === null) return stops.rate === plan.minimumPerS ? 'below_minimum' : 'out_of_steps';
  return stops.rate / holds.rate <= 1 + (plan.resolution ?? RESOLUTION) ? 'found' : 'out_of_steps';
}

function describe(
  status: Knee['status'],
  holds: number | null,
  fails: number | null,
  undecided: readonly number[],
): string {
  const between =
    undecided.length === 0 ? '' : ` Too close to call at ${undecided.map(perSecond).join(', ')}.`;
  const known = [
    ...(holds === null ? [] : [`hold at ${perSecond(holds)}`]),
    ...(fails === null ? [] : [`fail at ${perSecond(fails)}`]),
  ].join(' and ');
  switch (status) {
    case 'found':
      return `The objectives ${known}.${between}`;
    case 'above_maximum':
      return `The objectives ${known}, the highest rate that was allowed: the knee lies above.`;
    case 'below_minimum':
      return `The objectives do not hold even at the lowest rate that was allowed.${between}`;
    case 'out_of_steps':
      return known === ''
        ? `The search ran out of trials before any rate was decided.${between}`
        : `The search ran out of trials; so far the objectives ${known}.${between}`;
  }
}

function perSecond(rate: number): string {
  return `${Number(rate.toPrecision(3))} /s`;
}

function requireSensiblePlan({
  startPerS,
  minimumPerS,
  maximumPerS,
  resolution,
  maximumTrials,
}: SaturationPlan) {
  const ordered = minimumPerS > 0 && minimumPerS <= startPerS && startPerS <= maximumPerS;
  if (
    ordered &&
    Number.isFinite(maximumPerS) &&
    (resolution === undefined || resolution > 0) &&
    (maximumTrials === undefined || maximumTrials >= 1)
  )
    return;
  throw new InputError(
    'invalid_arguments',
    `A search for saturation from ${startPerS} between ${minimumPerS} and ${maximumPerS} requests a second cannot be made.`,
    { fix: 'Give 0 < minimum <= start <= maximum, a resolution above 0 and at least one trial.' },
  );
}
