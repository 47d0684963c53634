import { LAYERS } from '../model/evidence.ts';
import type { Bottleneck } from '../model/evidence.ts';
import type { Goals } from '../model/goals.ts';
import { METRICS } from '../model/metrics.ts';
import type { Strategy } from '../model/strategy.ts';
import { chooseCeiling } from './choose-ceiling.ts';
import { findConflicts } from './conflicts.ts';
import { STRATEGY_RULES } from './index.ts';
import type { StrategyRule } from './strategy-rule.ts';
import { findTried, strategyId } from './tried.ts';
import type { History } from './tried.ts';

/** How much a score keeps for each grade of trade-off; the steps are a judgement. */
const GRADE_WEIGHT = { low: 1, medium: 0.85, high: 0.65 } as const;
const CONFIDENCE_WEIGHT = { high: 1, medium: 0.7, low: 0.35 } as const;

/** What was tried without success comes again only when nothing better is left. */
const TRIED_WEIGHT = 0.25;

/**
 * Every rule against every bottleneck. Ranked by what can be expected (ceiling of the metric that matters, the prior
 * of the rule, confidence of the finding) against its price; strategies that break a constraint come last, with the
 * constraint named, because only the person can lift it.
 */
export function proposeStrategies(
  bottlenecks: readonly Bottleneck[],
  goals: Goals,
  history: History = { experiments: [] },
  rules: readonly StrategyRule[] = STRATEGY_RULES,
): readonly Strategy[] {
  const ranked = bottlenecks
    .flatMap((bottleneck) =>
      rules.flatMap((rule) => {
        const fit = rule.appliesTo(bottleneck, goals);
        return fit === null ? [] : [propose(bottleneck, rule, fit.why, goals, history)];
      }),
    )
    .sort(
      (a, b) =>
        Number(a.conflicts.length > 0) - Number(b.conflicts.length > 0) ||
        b.score - a.score ||
        LAYERS.indexOf(a.layer) - LAYERS.indexOf(b.layer) ||
        (a.id < b.id ? -1 : 1),
    );
  return onceForEachPlace(ranked, bottlenecks);
}

/** A cause and its symptom name the same function: one remedy for it is enough, the better ranked one. */
function onceForEachPlace(
  ranked: readonly Strategy[],
  bottlenecks: readonly Bottleneck[],
): readonly Strategy[] {
  const seen = new Set<string>();
  return ranked.filter(({ key, bottleneck_id }) => {
    const location = bottlenecks.find(({ id }) => id === bottleneck_id)?.location;
    if (location?.function === undefined) return true;
    const place = JSON.stringify([key, location.function, location.file, location.line]);
    if (seen.has(place)) return false;
    seen.add(place);
    return true;
  });
}

function propose(
  bottleneck: Bottleneck,
  rule: StrategyRule,
  why: string,
  goals: Goals,
  history: History,
): Strategy {
  const ceiling = chooseCeiling(bottleneck, rule.affects, goals);
  const tried = findTried(bottleneck, rule.key, history);
  const { complexity, correctness_risk, operational_risk } = rule.tradeOffs;
  const price = GRADE_WEIGHT[complexity] * GRADE_WEIGHT[correctness_risk] * GRADE_WEIGHT[operational_risk];
  const score =
    reduction(ceiling?.gain ?? 0, ceiling?.metric) *
    rule.priorFractionOfCeiling *
    CONFIDENCE_WEIGHT[bottleneck.confidence.level] *
    price *
    (tried.length > 0 ? TRIED_WEIGHT : 1);
  return {
    id: strategyId(bottleneck.id, rule.key),
    key: rule.key,
    bottleneck_id: bottleneck.id,
    title: `${rule.title} (${bottleneck.location.function ?? bottleneck.kind})`,
    layer: rule.layer,
    why,
    how: rule.how,
    trade_offs: rule.tradeOffs,
    ceiling,
    conflicts: findConflicts(rule.needs, bottleneck.workload, goals),
    tried,
    validation: rule.validation,
    score: Math.round(score * 10_000) / 10_000,
  };
}

/** Gains of metrics where more is better have no upper end (throughput + 900 %); as a share of time they compare. */
function reduction(gain: number, metricName: string | undefined): number {
  const entry = Object.entries(METRICS).find(([name]) => name === metricName)?.[1];
  return entry?.better === 'higher' ? gain / (1 + gain) : gain;
}
