import { DeepOptimizeError, InputError } from '../../core/errors.ts';
import { alphaOfWorkload, chooseLead } from '../../core/experiment/several-workloads.ts';
import { selectWorkload } from '../../core/goals/select.ts';
import type { Bottleneck } from '../../core/model/evidence.ts';
import { NO_GOALS, type Goals, type Workload } from '../../core/model/goals.ts';
import type { Warning } from '../../core/model/warning.ts';
import type { Ports } from '../../core/ports/index.ts';
import type { Project } from '../../core/ports/project.ts';
import { WARNINGS } from '../../core/warnings.ts';
import { commandsOf, requireApproval } from '../consent.ts';
import { requireBaseline, requireComparable, usableBaseline } from './comparable.ts';
import type { ExperimentTarget } from './request.ts';
import { resolveAgainst, type Against } from './resolve-against.ts';

export interface Wanted {
  /** Default: every workload that can be compared. */
  readonly workload?: string | undefined;
  /** Default: the latest baseline of each workload. */
  readonly against?: string | undefined;
  readonly bottleneck_id?: string | undefined;
  readonly strategy_id?: string | undefined;
}

export interface Ready {
  /** The lead first. */
  readonly targets: readonly ExperimentTarget[];
  readonly bottleneck: Bottleneck | null;
  readonly warnings: readonly Warning[];
}

/** Finds what a change is judged against, on which workloads, and refuses what could only give a meaningless comparison. */
export async function readyToValidate(ports: Ports, project: Project, wanted: Wanted): Promise<Ready> {
  const goals = (await project.files.readGoals()) ?? NO_GOALS;
  const against = wanted.against === undefined ? null : await resolveAgainst(project, wanted.against);
  const bottleneck = await findOrigin(project, wanted.bottleneck_id ?? wanted.strategy_id);
  const name = wanted.workload ?? against?.baseline?.workload;
  const several = name === undefined && goals.workloads.length > 1;
  const { targets, leftOut } = several
    ? await targetsOfAll(project, goals, against)
    : { targets: [await targetOf(project, goals, selectWorkload(goals, name), against)], leftOut: [] };
  const workloads = targets.map(({ workload }) => workload);
  await requireApproval(ports, project, commandsOf(goals, workloads));
  const lead = chooseLead(
    workloads.map((workload) => workload.name),
    goals,
    bottleneck,
  );
  const isLead = ({ workload }: ExperimentTarget) => workload.name === lead;
  return {
    targets: [...targets.filter(isLead), ...targets.filter((target) => !isLead(target))].map((target) => ({
      ...target,
      firstAlpha: alphaOfWorkload(isLead(target), targets.length),
    })),
    bottleneck,
    warnings: leftOut.length === 0 ? [] : [WARNINGS.workloads_left_out(leftOut)],
  };
}

async function targetOf(
  project: Project,
  goals: Goals,
  workload: Workload,
  against: Against | null,
): Promise<ExperimentTarget> {
  requireComparable(workload);
  const named = against?.baseline;
  if (named && named.workload !== workload.name)
    throw new InputError(
      'invalid_arguments',
      `"${against.reference.name}" measured workload "${named.workload}" and not "${workload.name}".`,
      { fix: 'Leave "workload" out, or name something that measured it.' },
    );
  if (against && !named) {
    // A commit has no load of its own: that of the latest baseline, or one that is measured on it.
    const baseline = await usableBaseline(project, workload);
    return { goals, workload, baseline, reference: against.reference };
  }
  const baseline = await requireBaseline(project, workload, named ?? undefined);
  const own = { kind: 'baseline', name: baseline.id, snapshot: baseline.snapshot } as const;
  return { goals, workload, baseline, reference: against?.reference ?? own };
}

/** Every workload with a baseline that can be compared with; what is left out is told. */
async function targetsOfAll(
  project: Project,
  goals: Goals,
  against: Against | null,
): Promise<{ readonly targets: readonly ExperimentTarget[]; readonly leftOut: readonly string[] }> {
  const targets: ExperimentTarget[] = [];
  const refusals: DeepOptimizeError[] = [];
  const leftOut: string[] = [];
  for (const workload of goals.workloads) {
    try {
      targets.push(await targetOf(project, goals, workload, against));
    } catch (error) {
      if (!(error instanceof DeepOptimizeError)) throw error;
      refusals.push(error);
      leftOut.push(workload.name);
    }
  }
  if (targets.length === 0 && refusals[0]) throw refusals[0];
  return { targets, leftOut };
}

/** The chain from an experiment back to its finding must not begin with an id that leads nowhere. */
async function findOrigin(project: Project, id: string | undefined): Promise<Bottleneck | null> {
  const wanted = id?.split('--')[0]; // a strategy's id begins with that of its bottleneck
  if (wanted === undefined) return null;
  const found = await project.store.bottlenecks.get(wanted);
  if (found) return found;
  throw new InputError('unknown_id', `There is no bottleneck "${wanted}".`, {
    fix: 'Use the bottleneck_id of find_bottlenecks or the id of a strategy of propose_strategies, or leave it out.',
    next: [{ tool: 'get_history', arguments: { section: 'bottlenecks' }, why: 'list them' }],
  });
}
