import { isComparable, pairedBlocks, type SamplePair } from '../measurement/estimates.ts';
import type { Comparison, Verdict } from '../model/experiment.ts';
import type { Goals } from '../model/goals.ts';
import type { Effort } from '../model/measurement.ts';
import { METRIC_NAMES, METRICS, type MetricName } from '../model/metrics.ts';
import { compareAtLook, defaultFloor, finalVerdict, type LookResult } from '../stats/compare.ts';
import { guardrailAlpha } from '../stats/guardrails.ts';
import { LOOKS } from '../stats/looks.ts';
import { median } from '../stats/order-statistics.ts';
import { changeInterval, changeOf, shiftOf } from '../stats/paired-differences.ts';
import { differencesOf } from '../stats/stability.ts';

export interface ComparisonPlan {
  readonly primary: MetricName;
  readonly guardrails: readonly MetricName[];
  readonly effort: Effort;
  /** 1 for the first comparison of this candidate with this baseline; each repeat halves the error that may be spent. */
  readonly attempt: number;
  readonly alpha: number;
}

/**
 * What may not get worse: the other objectives, the constraints that are numbers, the error rate and memory. In a closed
 * loop throughput and mean latency are one metric, and percentiles move together: only what the goals name is tested, so
 * that the error is not spent on copies of one question.
 */
export function guardrailMetrics(goals: Goals, workload: string, primary: MetricName): readonly MetricName[] {
  const named = [...goals.objectives, ...goals.constraints].flatMap((record) =>
    record.metric !== undefined && (record.workload === undefined || record.workload === workload)
      ? [record.metric]
      : [],
  );
  return [...new Set<MetricName>([...named, 'error_rate', 'rss_peak_bytes'])].filter(
    (name) => name !== primary,
  );
}

/**
 * Whether measuring may stop here: at a look (between looks nobody may look), with the primary metric decided and every
 * guardrail's interval known. Guardrails share their error, so the first look may be too early for them.
 */
export function isDecided(pairs: readonly SamplePair[], plan: ComparisonPlan): boolean {
  const schedule: readonly number[] = LOOKS[plan.effort];
  if (!schedule.includes(pairs.length)) return false;
  const comparisons = compareMetrics(pairs, plan);
  const primary = comparisons.find(({ role }) => role === 'primary');
  return (
    primary !== undefined &&
    primary.verdict !== 'inconclusive' &&
    comparisons.every(({ role, interval }) => role !== 'guardrail' || interval !== null)
  );
}

/** Every metric at the last look that was reached, in its role. */
export function compareMetrics(pairs: readonly SamplePair[], plan: ComparisonPlan): Comparison[] {
  const schedule: readonly number[] = LOOKS[plan.effort];
  const lookIndex = schedule.findLastIndex((blocks) => blocks <= pairs.length);
  const used = lookIndex < 0 ? pairs : pairs.slice(0, schedule[lookIndex]);
  const guardAlpha = guardrailAlpha(plan.guardrails.length, plan.attempt);
  return METRIC_NAMES.flatMap((name) => {
    const role =
      name === plan.primary ? 'primary' : plan.guardrails.includes(name) ? 'guardrail' : 'reported';
    const alpha = role === 'guardrail' ? guardAlpha : plan.alpha;
    const result = look(
      used,
      name,
      plan.effort,
      lookIndex < 0 || alpha === null ? null : lookIndex,
      alpha ?? plan.alpha,
    );
    return result ? [describe(used, name, role, result)] : [];
  });
}

function look(
  pairs: readonly SamplePair[],
  name: MetricName,
  effort: Effort,
  lookIndex: number | null,
  alpha: number,
): LookResult | undefined {
  const info = METRICS[name];
  const blocks = pairedBlocks(pairs, name);
  if (blocks.length === 0 || blocks.length < pairs.length || !isComparable(blocks, info)) return undefined;
  const delta = shiftOf(info.minimumEffect, info.scale);
  return compareAtLook({
    differences: differencesOf(blocks, info),
    alpha,
    schedule: effort,
    lookIndex,
    delta,
    floor: defaultFloor(delta, info.scale),
  });
}

function describe(
  pairs: readonly SamplePair[],
  name: MetricName,
  role: Comparison['role'],
  result: LookResult,
): Comparison {
  const info = METRICS[name];
  const blocks = pairedBlocks(pairs, name);
  return {
    metric: name,
    role,
    verdict: finalVerdict(result.verdict),
    scale: info.scale,
    change: result.estimate === null ? null : changeOf(result.estimate, info),
    interval: result.interval && [...changeInterval(result.interval, info)],
    confidence: result.confidence,
    n: blocks.length,
    baseline: median(blocks.map((block) => block.a)),
    candidate: median(blocks.map((block) => block.b)),
    minimum_effect: info.minimumEffect,
    real_but_small: result.realButSmall,
    blocks_to_resolve: result.blocksToResolve,
  };
}

export interface Judgement {
  readonly verdict: Verdict;
  readonly reason: string;
}

/** The overall verdict is the primary metric's; a guardrail that got worse is named with it, never averaged away. */
export function judgeExperiment(comparisons: readonly Comparison[]): Judgement {
  const primary = comparisons.find((comparison) => comparison.role === 'primary');
  if (!primary) {
    return { verdict: 'invalid', reason: 'the primary metric was not measured in every process' };
  }
  const worse = comparisons
    .filter((c) => c.role === 'guardrail' && c.verdict === 'regressed')
    .map((c) => METRICS[c.metric].title);
  const guard = worse.length === 0 ? '' : `; guardrail regressed: ${worse.join(', ')}`;
  const title = METRICS[primary.metric].title;
  const base = {
    improved: `${title} improved`,
    regressed: `${title} regressed`,
    equivalent: primary.real_but_small
      ? `${title} changed, but by less than the minimum effect`
      : `${title} did not change by as much as the minimum effect`,
    inconclusive: `${title} is undecided after ${primary.n} blocks`,
  }[primary.verdict];
  return { verdict: primary.verdict, reason: `${base}${guard}` };
}
