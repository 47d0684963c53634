import { MIN_BUSY_SAMPLES, SHARE_OF_BUSY, SHARE_THRESHOLD, type BlamedCost } from '../detectors/detector.ts';
import type { Bottleneck, Ceiling } from '../model/evidence.ts';
import type { Comparison, Mechanism, Prediction } from '../model/experiment.ts';
import { metric } from '../model/metrics.ts';
import { wilsonInterval } from '../stats/proportion.ts';

/** What one side's profile says of the blamed cost. */
export interface BlamedSide extends BlamedCost {
  /** Busy samples of the profile. */
  readonly n: number;
  /** Of one operation in the timed processes: a profiler makes everything dearer. */
  readonly cpuUs: number | null;
}

export interface ProfiledMechanism {
  readonly baseline: BlamedSide;
  readonly candidate: BlamedSide;
  /** Ends of the interval of the CPU time's change, as multiples of its estimate; [1, 1] when it is not known. */
  readonly cpuSpread: readonly [number, number];
}

type Judged = Omit<Mechanism, 'blamed' | 'profiles'>;

/**
 * One profile of each side says nothing of how processes differ, and shares of two processes of one program differ by a tenth or
 * so: a cost that stayed was once seen at 0.95 of itself, with an interval that excluded 1.
 */
const STAYED = 0.9;

/** A cost that fell by less is called shrunk only in part. */
const SHRUNK = 0.8;

/** Of two savings that should be one: less than this share of each other, and they are not. */
const SAME_SAVING = 0.5;

/**
 * Whether a change gained by what it said it would. What counts is the CPU time of an operation that the blamed cost
 * takes, share times CPU: a share alone rises when everything else becomes cheaper, and falls when the rest becomes
 * dearer. Without CPU times the odds of the share stand for it, which supposes that the rest stayed as it was.
 *
 * The interval of the ratio takes the worse ends of both Wilson intervals and of that of the CPU time, which is 1 to 3 % on a
 * quiet machine and tens of percent beside a neighbour, so it holds with more than 95 %.
 */
export function judgeMechanism({ baseline, candidate, cpuSpread }: ProfiledMechanism): Judged {
  const sides = { baseline: describe(baseline), candidate: describe(candidate) };
  const unjudged = { ...sides, of: SHARE_OF_BUSY, ratio: null, ratio_interval: null };
  const fewest = Math.min(baseline.n, candidate.n);
  if (fewest < MIN_BUSY_SAMPLES)
    return { ...unjudged, status: 'not_checked', reason: `a profile has only ${fewest} busy samples` };
  if (baseline.share < SHARE_THRESHOLD / 2)
    return {
      ...unjudged,
      status: 'not_checked',
      reason:
        'the profile of the baseline does not show the blamed cost: another load, or another code state',
    };

  const cpu =
    baseline.cpuUs === null || candidate.cpuUs === null
      ? null
      : { baseline: baseline.cpuUs, candidate: candidate.cpuUs };
  const costOf = (share: number, cpuUs: number | undefined) =>
    cpuUs === undefined ? share / Math.max(1 - share, Number.EPSILON) : share * cpuUs;
  const ratioOf = (after: number, before: number) =>
    costOf(after, cpu?.candidate) / Math.max(costOf(before, cpu?.baseline), Number.MIN_VALUE);
  const [before, after] = [sides.baseline.interval, sides.candidate.interval];
  const ratio = ratioOf(candidate.share, baseline.share);
  const [least, most] = cpu === null ? [1, 1] : cpuSpread;
  const ratio_interval: [number, number] = [
    ratioOf(after[0], before[1]) * least,
    ratioOf(after[1], before[0]) * most,
  ];
  const judged = { ...sides, of: SHARE_OF_BUSY, ratio, ratio_interval };

  if (ratio_interval[1] >= STAYED)
    return {
      ...judged,
      status: 'not_confirmed',
      reason: ratio > 1 ? 'the blamed cost did not shrink' : 'the blamed cost did not shrink measurably',
    };
  const doubt =
    doubtOfSize(ratio) ??
    doubtOfCallees(ratioOf(candidate.shareWithCallees, baseline.shareWithCallees), ratio) ??
    (cpu && doubtOfSaving(cpu, baseline.share * cpu.baseline - candidate.share * cpu.candidate));
  return doubt === null
    ? { ...judged, status: 'confirmed', reason: 'the blamed cost shrank' }
    : { ...judged, status: 'partly', reason: doubt };
}

function doubtOfSize(ratio: number): string | null {
  return ratio > SHRUNK ? 'the blamed cost shrank by less than a fifth' : null;
}

/** What a function saves and what it calls takes over was moved, not saved. */
function doubtOfCallees(withCallees: number, own: number): string | null {
  return withCallees > SHRUNK && own <= SHRUNK
    ? 'the blamed cost shrank, but with what it calls it costs nearly as much as before'
    : null;
}

function doubtOfSaving(
  cpu: { readonly baseline: number; readonly candidate: number },
  savedThere: number,
): string | null {
  const saved = cpu.baseline - cpu.candidate;
  if (saved < SAME_SAVING * savedThere)
    return 'the blamed cost shrank, but most of it came back elsewhere: CPU per operation fell by less than half of it';
  if (savedThere < SAME_SAVING * saved)
    return 'the blamed cost shrank, but it explains less than half of the CPU time that was saved';
  return null;
}

function describe({ share, n, cpuUs }: BlamedSide): NonNullable<Mechanism['baseline']> {
  return {
    value: share,
    interval: wilsonInterval({ share, n }) ?? [0, 1],
    n,
    cpu_us_per_operation: cpuUs === null ? null : share * cpuUs,
  };
}

/** CPU time of one operation on both sides, in µs, of the metric that this kind of workload has for it. */
export function cpuOfSides(comparisons: readonly Comparison[]): {
  readonly baseline: number | null;
  readonly candidate: number | null;
  readonly spread: ProfiledMechanism['cpuSpread'];
} {
  for (const { metric: name, baseline, candidate, change, interval } of comparisons) {
    const { cpuUs } = metric(name);
    if (cpuUs === undefined || baseline === null || candidate === null) continue;
    const [low, high] = change === null || interval === null ? [0, 0] : interval;
    const middle = change === null || interval === null ? 0 : change;
    const spread = [(1 + low) / (1 + middle), (1 + high) / (1 + middle)] as const;
    return { baseline: baseline * cpuUs, candidate: candidate * cpuUs, spread };
  }
  return { baseline: null, candidate: null, spread: [1, 1] };
}

/** The ceiling that was known before against what came, both as gains: 0.3 = 30 % better. Kept to learn how far ceilings hold. */
export function compareWithPrediction(
  { ceilings }: Pick<Bottleneck, 'ceilings'>,
  primary: Comparison | undefined,
): Prediction | null {
  const ceiling: Ceiling | undefined = ceilings.find((one) => one.metric === primary?.metric);
  if (!primary || !ceiling || primary.change === null || primary.scale !== 'ratio') return null;
  const better = metric(primary.metric).better === 'lower' ? -1 : 1;
  const ends = primary.interval?.map((end) => better * end).sort((x, y) => x - y);
  return {
    metric: primary.metric,
    ceiling: ceiling.gain,
    ceiling_interval: ceiling.interval,
    observed: better * primary.change,
    observed_interval: ends?.[0] === undefined || ends[1] === undefined ? null : [ends[0], ends[1]],
  };
}
