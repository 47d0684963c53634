import type { Budget } from '../core/model/guard.ts';
import { NO_GOALS, type Goals } from '../core/model/goals.ts';
import type { MetricName } from '../core/model/metrics.ts';
import { measuredInstead, primaryMetric } from '../core/measurement/objectives.ts';
import type { Baseline } from '../core/model/measurement.ts';
import type { NextStep } from '../core/model/result.ts';
import type { Run } from '../core/model/run.ts';
import type { BaselineRow, ExperimentRow, ExperimentTally, LedgerRow } from '../core/ports/store.ts';
import type { Project } from '../core/ports/project.ts';
import { canBeLookedInto, measurerOf } from './kinds/index.ts';
import { stepAfterMeasuring, stepsAfterMachine } from './next-steps.ts';

/** Where the loop stands: what an agent that lost its context needs to go on. */
export interface LoopState {
  readonly goals: Goals | null;
  readonly baselines: readonly BaselineRow[];
  readonly way: readonly Way[];
  readonly bottlenecks: readonly { readonly id: string; readonly title: string; readonly workload: string }[];
  readonly experiments: readonly ExperimentRow[];
  /** Of all experiments, by outcome. */
  readonly tally: readonly ExperimentTally[];
  /** What was spent on the baselines that were compared with last. */
  readonly ledger: readonly LedgerRow[];
  readonly budgets: readonly Budget[];
  readonly decisions: readonly { readonly id: string; readonly title: string }[];
  readonly runs: readonly Run[];
  readonly next: NextStep;
}

/** The first and the latest baseline of a workload: the way so far, in the metric that decides its verdicts. */
export interface Way {
  readonly workload: string;
  readonly metric: MetricName;
  readonly first: Baseline;
  readonly latest: Baseline;
  /** A change that was kept after the latest baseline, and what it had in that metric; null when there is none. */
  readonly kept: { readonly experiment_id: string; readonly value: number } | null;
}

const LATEST = 10;

export async function readLoopState(project: Project, workload: string | undefined): Promise<LoopState> {
  const goals = (await project.files.readGoals()) ?? null;
  const budgets = (await project.files.readBudgets())?.budgets ?? [];
  const decisions = (await project.files.decisions()).map(({ id, title }) => ({ id, title }));
  const known = { goals, budgets, decisions };
  const filter = { limit: LATEST, ...(workload === undefined ? {} : { workload }) };
  const baselines = await project.store.baselines.list(filter);
  const state = {
    ...known,
    baselines,
    way: await wayOf(project, goals ?? NO_GOALS, [
      ...(workload === undefined ? (goals?.workloads.map(({ name }) => name) ?? []) : [workload]),
      ...baselines.map((row) => row.workload),
    ]),
    bottlenecks: (await project.store.bottlenecks.latest(workload)).map(({ id, title, workload: of }) => ({
      id,
      title,
      workload: of,
    })),
    experiments: await project.store.experiments.list(filter),
    tally: await project.store.experiments.tally(workload),
    ledger: await project.store.experiments.ledger(filter),
    runs: await project.store.runs.list({ limit: 5 }),
  };
  return { ...state, next: nextStep(state, await stoppedAmong(project, state.experiments), workload) };
}

/** Undecided experiments that the machine stopped, with the call that goes on from there. */
async function stoppedAmong(
  project: Project,
  rows: readonly ExperimentRow[],
): Promise<ReadonlyMap<string, NextStep>> {
  const stopped = new Map<string, NextStep>();
  for (const { id, verdict, decision } of rows) {
    if (verdict !== 'invalid' || decision !== null) continue;
    const experiment = await project.store.experiments.get(id);
    const [step] = experiment ? stepsAfterMachine(experiment) : [];
    if (step) stopped.set(id, step);
  }
  return stopped;
}

/** By name, not by the list of the latest baselines: many of one workload push the others out of that. */
async function wayOf(project: Project, goals: Goals, names: readonly string[]): Promise<readonly Way[]> {
  const ways = [...new Set(names)].map(async (name): Promise<readonly Way[]> => {
    const first = await project.store.baselines.first(name);
    const latest = await project.store.baselines.latest(name);
    if (!first || !latest) return [];
    const workload = goals.workloads.find((known) => known.name === name);
    const otherwise = workload ? measurerOf(workload).defaultPrimary : 'wall_ms';
    const measured = measuredInstead(otherwise, otherwise, latest.estimates);
    const metric = primaryMetric(goals, name, first.objectives, measured);
    return [{ workload: name, metric, first, latest, kept: await keptSince(project, latest, metric) }];
  });
  return (await Promise.all(ways)).flat();
}

async function keptSince(
  project: Project,
  { workload, created_at }: Baseline,
  metric: MetricName,
): Promise<Way['kept']> {
  const rows = await project.store.experiments.list({ limit: LATEST, workload });
  const row = rows.find(({ decision, created_at: at }) => decision === 'keep' && at > created_at);
  const experiment = row && (await project.store.experiments.get(row.id));
  const value = experiment?.comparisons.find((comparison) => comparison.metric === metric)?.candidate;
  return experiment === undefined || value === undefined || value === null
    ? null
    : { experiment_id: experiment.id, value };
}

/** The one call that moves the loop on from here. */
function nextStep(
  state: Omit<LoopState, 'next'>,
  stopped: ReadonlyMap<string, NextStep>,
  workload: string | undefined,
): NextStep {
  const running = state.runs.find((run) => run.state === 'running');
  if (running)
    return { tool: 'get_run', arguments: { run_id: running.id }, why: `${running.tool} is still running` };
  const { goals } = state;
  const all = goals?.workloads ?? [];
  const asked = all.filter(({ name }) => workload === undefined || name === workload);
  const workloads = asked.length === 0 ? all : asked;
  const first = workloads[0]?.name;
  if (first === undefined) return { tool: 'define_goals', arguments: {}, why: 'there are no goals yet' };
  const unmeasured = workloads.find((w) => !state.way.some((way) => way.workload === w.name));
  if (unmeasured)
    return {
      tool: 'measure_baseline',
      arguments: { workload: unmeasured.name },
      why: 'this workload was never measured',
    };
  const again = stopped.get(state.experiments[0]?.id ?? '');
  if (again) return again;
  const undecided = state.experiments.find(({ id, decision }) => decision === null && !stopped.has(id));
  if (undecided) {
    const { verdict } = undecided;
    const decision = verdict === 'improved' ? 'keep' : verdict === 'inconclusive' ? 'defer' : 'revert';
    return {
      tool: 'record_decision',
      arguments: { experiment_id: undecided.id, decision, rationale: '…' },
      why: `experiment ${undecided.id} (${verdict}) has no decision yet`,
    };
  }
  const bottleneck = state.bottlenecks[0];
  const inside = workloads.find(canBeLookedInto);
  if (!bottleneck && inside) return stepAfterMeasuring(inside, 'no bottlenecks are known yet');
  if (bottleneck && state.experiments.length === 0)
    return {
      tool: 'propose_strategies',
      arguments: { bottleneck_id: bottleneck.id },
      why: 'nothing was tried yet',
    };
  const kept = state.experiments.find((experiment) => experiment.decision === 'keep');
  if (kept && state.budgets.length === 0)
    return {
      tool: 'add_budget',
      arguments: { workload: kept.workload },
      why: 'a kept gain is not guarded yet',
    };
  return {
    tool: 'measure_baseline',
    arguments: { workload: first },
    why: 'see where the objectives stand after the last decision',
  };
}
