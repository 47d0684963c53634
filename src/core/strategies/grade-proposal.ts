import { LAYERS } from '../model/evidence.ts';
import type { Bottleneck, Ceiling, Layer } from '../model/evidence.ts';
import type { Goals } from '../model/goals.ts';
import { METRICS } from '../model/metrics.ts';
import type { MetricName } from '../model/metrics.ts';
import type { Strategy } from '../model/strategy.ts';
import { findConflicts } from './conflicts.ts';
import { chooseCeiling } from './choose-ceiling.ts';
import { proposeStrategies } from './propose.ts';
import type { ForbidTag } from './strategy-rule.ts';
import { findTriedByTitle } from './tried.ts';
import type { History } from './tried.ts';

/** An idea of the agent's own. */
export interface Proposal {
  readonly title: string;
  readonly layer: Layer;
  readonly bottleneck: Bottleneck;
  /** What its author expects, as a ratio of today's value: 0.3 = 30 % better. */
  readonly expectedGain?: { readonly metric: MetricName; readonly gain: number };
  /** What it needs that a constraint may forbid. */
  readonly needs: readonly ForbidTag[];
}

export interface ProposalCheck {
  readonly check: 'ceiling' | 'worth' | 'layer' | 'constraints' | 'tried';
  readonly outcome: 'passed' | 'doubt' | 'failed';
  readonly text: string;
}

export interface ProposalGrade {
  /** `sound`: nothing speaks against it. `doubtful`: read the doubts first. `rejected`: a check failed. */
  readonly grade: 'sound' | 'doubtful' | 'rejected';
  readonly checks: readonly ProposalCheck[];
  readonly ceiling: Ceiling | null;
  readonly conflicts: Strategy['conflicts'];
  readonly tried: Strategy['tried'];
  /** Catalogue strategies of an earlier layer that fit the same bottleneck. */
  readonly earlierLayers: readonly Strategy[];
}

/** Grades an agent's own proposal by the rules that the catalogue's strategies are held to. */
export function gradeProposal(
  proposal: Proposal,
  goals: Goals,
  history: History = { experiments: [] },
): ProposalGrade {
  const { bottleneck } = proposal;
  const ceiling = chooseCeiling(
    bottleneck,
    proposal.expectedGain === undefined
      ? bottleneck.ceilings.map(({ metric }) => metric)
      : [proposal.expectedGain.metric],
    goals,
  );
  const conflicts = findConflicts(proposal.needs, bottleneck.workload, goals);
  const tried = findTriedByTitle(bottleneck.workload, proposal.title, history);
  const earlierLayers = proposeStrategies([bottleneck], goals, history).filter(
    (strategy) =>
      LAYERS.indexOf(strategy.layer) < LAYERS.indexOf(proposal.layer) &&
      strategy.conflicts.length === 0 &&
      strategy.tried.length === 0,
  );
  const checks = [
    checkCeiling(proposal, ceiling),
    checkWorth(proposal, ceiling),
    checkLayer(proposal, earlierLayers),
    checkConstraints(conflicts),
    checkTried(tried),
  ];
  const has = (outcome: ProposalCheck['outcome']) => checks.some((check) => check.outcome === outcome);
  return {
    grade: has('failed') ? 'rejected' : has('doubt') ? 'doubtful' : 'sound',
    checks,
    ceiling,
    conflicts,
    tried,
    earlierLayers,
  };
}

function percent(ratio: number): string {
  return `${Math.round(ratio * 1000) / 10} %`;
}

function checkCeiling({ expectedGain }: Proposal, ceiling: Ceiling | null): ProposalCheck {
  if (expectedGain === undefined)
    return {
      check: 'ceiling',
      outcome: 'doubt',
      text: 'No expected gain was given, so nothing can be checked afterwards.',
    };
  if (ceiling === null) {
    return {
      check: 'ceiling',
      outcome: 'doubt',
      text: `The bottleneck has no measured ceiling for ${expectedGain.metric}.`,
    };
  }
  const [, upper] = ceiling.interval;
  const text = `expected ${percent(expectedGain.gain)} of ${expectedGain.metric}, at most ${percent(ceiling.gain)} [${percent(ceiling.interval[0])}, ${percent(upper)}] is there`;
  if (expectedGain.gain > upper)
    return { check: 'ceiling', outcome: 'failed', text: `More than the bottleneck costs: ${text}.` };
  if (expectedGain.gain > ceiling.gain)
    return { check: 'ceiling', outcome: 'doubt', text: `Only possible at the end of the interval: ${text}.` };
  return { check: 'ceiling', outcome: 'passed', text: `Within the ceiling: ${text}.` };
}

function checkWorth({ expectedGain }: Proposal, ceiling: Ceiling | null): ProposalCheck {
  const metricName = expectedGain?.metric ?? ceiling?.metric;
  const entry = Object.entries(METRICS).find(([name]) => name === metricName)?.[1];
  const best = expectedGain?.gain ?? ceiling?.gain;
  if (entry === undefined || best === undefined || entry.scale !== 'ratio')
    return { check: 'worth', outcome: 'passed', text: 'No minimum effect applies.' };
  if (best >= entry.minimumEffect) {
    return {
      check: 'worth',
      outcome: 'passed',
      text: `A gain of ${percent(best)} is above the smallest that counts (${percent(entry.minimumEffect)}).`,
    };
  }
  return {
    check: 'worth',
    outcome: 'doubt',
    text: `A gain of ${percent(best)} is below the smallest that counts (${percent(entry.minimumEffect)}); a validation would hardly see it.`,
  };
}

function checkLayer({ layer, bottleneck }: Proposal, earlier: readonly Strategy[]): ProposalCheck {
  const [first] = earlier;
  if (first === undefined) {
    return {
      check: 'layer',
      outcome: 'passed',
      text: 'No untried strategy of an earlier layer fits this bottleneck.',
    };
  }
  return {
    check: 'layer',
    outcome: 'doubt',
    text: `${layer} comes after ${first.layer}: "${first.title}" fits ${bottleneck.location.function ?? 'the same bottleneck'} and has not been tried.`,
  };
}

function checkConstraints(conflicts: Strategy['conflicts']): ProposalCheck {
  const [first] = conflicts;
  return first === undefined
    ? { check: 'constraints', outcome: 'passed', text: 'No constraint forbids what it needs.' }
    : {
        check: 'constraints',
        outcome: 'failed',
        text: `Constraint "${first.constraint}": ${first.reason}${conflicts.length > 1 ? `, and ${conflicts.length - 1} more` : ''}.`,
      };
}

function checkTried(tried: Strategy['tried']): ProposalCheck {
  const [first] = tried;
  if (first === undefined) return { check: 'tried', outcome: 'passed', text: 'Nothing alike was tried.' };
  const decision = first.decision === null ? '' : `, decision ${first.decision}`;
  return {
    check: 'tried',
    outcome: 'doubt',
    text: `Something alike was tried in ${first.experiment_id}: ${first.verdict}${decision}.`,
  };
}
