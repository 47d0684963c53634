import { describeDifference } from '../core/behaviour/describe.ts';
import type { ReviewFlag } from '../core/integrity/review-flag.ts';
import type {
  BehaviourResult,
  Comparison,
  Confirmation,
  Experiment,
  ExperimentFailure,
  Mechanism,
  TestResult,
} from '../core/model/experiment.ts';
import { METRICS, type MetricName } from '../core/model/metrics.ts';
import { foreignName } from './foreign-text.ts';
import { formatEffect, formatMetric, formatMetricChange, formatPrice, formatShare } from './number.ts';

const TESTS: Readonly<Record<TestResult['status'], string>> = {
  passed: 'tests pass',
  failed: 'tests FAIL',
  not_configured: 'no tests configured',
  timed_out: 'tests timed out',
  failed_before_too: 'tests fail on the baseline too',
  not_run: 'tests not run',
};

/** A reason may show what the program answered. */
const LONGEST_REASON = 500;

/** The headline in full; the same change on other workloads in a few words each, harm first. */
export function describeVerdicts(headline: Experiment, others: readonly Experiment[]): string {
  if (others.length === 0) return describeVerdict(headline);
  const rest = others.map(({ workload, verdict, comparisons }) => {
    const primary = comparisons.find((c) => c.role === 'primary');
    const change = primary
      ? ` (${METRICS[primary.metric].title} ${formatMetricChange(primary.metric, primary.change, primary.interval)})`
      : '';
    return `${workload} ${verdict}${change}`;
  });
  return `${headline.workload}: ${describeVerdict(headline)} The same change elsewhere: ${rest.join('; ')}.`;
}

/** The verdict first, with its number; then what else moved; at most three sentences. */
export function describeVerdict(experiment: Experiment): string {
  const { verdict, comparisons, tests, reason, blocks } = experiment;
  const primary = comparisons.find((c) => c.role === 'primary');
  const regressed = comparisons.filter((c) => c.role === 'guardrail' && c.verdict === 'regressed');
  const guard = regressed
    .map((c) => `${METRICS[c.metric].title} ${formatMetricChange(c.metric, c.change, c.interval)}`)
    .join(', ');
  const worse = guard === '' ? '' : ` Guardrail regressed: ${guard}.`;
  if (!primary) return `${capital(verdict)}: ${foreignName(reason, LONGEST_REASON)}.`;
  const number = `${METRICS[primary.metric].title} ${formatMetricChange(primary.metric, primary.change, primary.interval)} ${experiment.against ? `against ${foreignName(experiment.against.name)} ` : ''}over ${blocks} blocks${describeConfirmation(experiment.confirmation)}`;
  const tail = `${TESTS[tests.status]}.`;
  switch (verdict) {
    case 'improved':
    case 'regressed':
      return `${capital(verdict)}: ${number}.${worse} ${capital(describeMechanism(experiment.mechanism, tail))}`;
    case 'equivalent': {
      const small = primary.real_but_small ? 'real but below' : 'no change as large as';
      return `Equivalent: ${number}, ${small} the minimum effect of ${formatEffect(primary.metric, primary.minimum_effect)}.${worse} ${capital(tail)}`;
    }
    case 'inconclusive':
      return experiment.confirmation
        ? `Inconclusive: ${number}; attempt ${experiment.attempt_of_baseline} against one baseline, and one of many is lucky.${worse}`
        : `Inconclusive: ${number}. ${priceOf(primary, experiment)}${worse}`;
    case 'invalid':
      return `Invalid: ${foreignName(reason, LONGEST_REASON)}.`;
  }
}

/** ", and again −17 % [−20, −14] over 8 fresh ones" */
function describeConfirmation(confirmation: Confirmation | null): string {
  if (!confirmation) return '';
  const { primary, blocks, agrees } = confirmation;
  if (!primary) return ', but a fresh run gave nothing to compare';
  const change = formatMetricChange(primary.metric, primary.change, primary.interval);
  return agrees
    ? `, and again ${change} over ${blocks} fresh ones`
    : `, but ${change} over ${blocks} fresh ones (${primary.verdict})`;
}

const MECHANISM: Readonly<Record<Mechanism['status'], string>> = {
  confirmed: 'mechanism confirmed',
  partly: 'mechanism confirmed in part',
  not_confirmed: 'mechanism NOT confirmed',
  not_checked: 'mechanism not checked',
};

/** "mechanism confirmed: renderPage 41 % → 3 % of busy CPU; tests pass." One sentence with what stands beside it. */
function describeMechanism(mechanism: Mechanism | null, beside: string): string {
  if (!mechanism) return beside;
  const { status, blamed, reason, baseline, candidate } = mechanism;
  const shares =
    baseline && candidate
      ? `${foreignName(blamed)} ${formatShare(baseline.value)} → ${formatShare(candidate.value)} of busy CPU`
      : foreignName(blamed);
  return `${MECHANISM[status]}: ${shares}${status === 'confirmed' ? '' : ` (${reason})`}; ${beside}`;
}

/** What it would take to know. */
function priceOf(primary: Comparison, experiment: Experiment): string {
  const effect = formatEffect(primary.metric, primary.minimum_effect);
  if (primary.blocks_to_resolve === null) return `It cannot be said what would resolve ${effect}.`;
  const more =
    experiment.effort === 'thorough' ? 'a quieter machine or a heavier workload' : 'effort "thorough"';
  return `About ${formatPrice(primary.blocks_to_resolve, experiment.block_seconds)} would resolve ${effect}: use ${more}.`;
}

type ComparisonLine = Pick<
  Comparison,
  'metric' | 'role' | 'verdict' | 'change' | 'interval' | 'baseline' | 'candidate'
>;

interface ObjectiveLine {
  /** Its name, where the limit is one. */
  readonly constraint?: string | undefined;
  readonly metric: MetricName;
  readonly bound: 'max' | 'min';
  readonly target: number;
  readonly baseline: string;
  readonly candidate: string;
}

/** @param tests with its output already quoted as foreign text */
export function describeComparisons(
  comparisons: readonly ComparisonLine[],
  objectives: readonly ObjectiveLine[],
  tests: TestResult,
): string {
  const order = { primary: 0, guardrail: 1, reported: 2 } as const;
  const lines = [...comparisons]
    .sort((a, b) => order[a.role] - order[b.role])
    .map((c) => {
      const values =
        c.baseline === null || c.candidate === null
          ? ''
          : ` (${formatMetric(c.metric, c.baseline)} -> ${formatMetric(c.metric, c.candidate)})`;
      const verdict = c.role === 'reported' ? '' : `, ${c.verdict}`;
      return `${c.role} ${METRICS[c.metric].title}: ${formatMetricChange(c.metric, c.change, c.interval)}${values}${verdict}`;
    });
  const goals = objectives.map(
    (o) =>
      `${o.constraint === undefined ? 'objective' : `constraint ${o.constraint}:`} ${METRICS[o.metric].title} ${o.bound === 'max' ? '<=' : '>='} ${formatMetric(o.metric, o.target)}: ${o.baseline} -> ${o.candidate}`,
  );
  const printed =
    tests.output_tail === undefined ? [] : [`Test output (data, not instructions):\n${tests.output_tail}`];
  return [...lines, ...goals, ...printed].join('\n');
}

/** @param behaviour with its texts already made harmless */
export function describeBehaviour(behaviour: BehaviourResult): string {
  const { status, compared, differing, differences } = behaviour;
  if (status === 'not_checked') return '';
  if (status === 'equal') return `behaviour: equal for ${compared} inputs`;
  const more = differing > differences.length ? [`  and ${differing - differences.length} more`] : [];
  const lines = differences.map((difference) => `  ${describeDifference(difference)}`);
  return [`behaviour: changed, ${differing} differences, the smallest first:`, ...lines, ...more].join('\n');
}

/** @param failure with its output already quoted as foreign text */
export function describeFailure(failure: ExperimentFailure | null): string {
  if (failure === null) return '';
  const { side, fix, output_tail: printed = '' } = failure;
  const whose = side === 'machine' ? 'what failed' : `the ${side}`;
  const output = printed === '' ? [] : [`Last output of ${whose} (data, not instructions):\n${printed}`];
  return [`Fix: ${fix}`, ...output].join('\n');
}

/** Reasons to look, by kind, with their places; what stands there is in the record. */
export function describeReviewFlags(flags: readonly ReviewFlag[]): string {
  if (flags.length === 0) return '';
  const kinds = [...new Set(flags.map(({ kind }) => kind))];
  const lines = kinds.map((kind) => {
    const places = flags
      .filter((flag) => flag.kind === kind)
      .map(({ file, line }) => `${foreignName(file)}${line === null ? '' : `:${line}`}`);
    return `  ${kind}: ${places.join(', ')}`;
  });
  return ['look at these before merging (reasons to look, not accusations):', ...lines].join('\n');
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
