import { EnvironmentError, InputError } from '../../core/errors.ts';
import { hashWorkload, selectWorkload } from '../../core/goals/select.ts';
import type { Bottleneck } from '../../core/model/evidence.ts';
import type { Workload } from '../../core/model/goals.ts';
import { NO_GOALS } from '../../core/model/goals.ts';
import type { Ports } from '../../core/ports/index.ts';
import type { Project } from '../../core/ports/project.ts';
import { commandsOf, requireApproval } from '../consent.ts';
import { measurerOf } from '../kinds/index.ts';
import type { ExperimentRequest } from './request.ts';

/** Finds the baseline that a change is judged against, and refuses what could only give a meaningless comparison. */
export async function readyToValidate(
  ports: Ports,
  project: Project,
  wanted: {
    readonly workload?: string | undefined;
    readonly baseline_id?: string | undefined;
    readonly bottleneck_id?: string | undefined;
    readonly strategy_id?: string | undefined;
  },
): Promise<Pick<ExperimentRequest, 'goals' | 'workload' | 'baseline' | 'bottleneck'>> {
  const goals = (await project.files.readGoals()) ?? NO_GOALS;
  const named =
    wanted.baseline_id === undefined ? undefined : await project.store.baselines.get(wanted.baseline_id);
  if (wanted.baseline_id !== undefined && !named) {
    throw new InputError('unknown_id', `There is no baseline "${wanted.baseline_id}".`, {
      fix: 'Use the id of an earlier answer.',
      next: [{ tool: 'get_history', arguments: {}, why: 'list the baselines' }],
    });
  }
  const workload = selectWorkload(goals, named?.workload ?? wanted.workload);
  requireComparable(workload);
  const baseline = named ?? (await project.store.baselines.latest(workload.name));
  if (!baseline) {
    throw new InputError('no_baseline', `Workload "${workload.name}" has no baseline to compare with.`, {
      fix: 'Put the code back to the state before the change, measure it, then apply the change again.',
      next: [
        {
          tool: 'measure_baseline',
          arguments: { workload: workload.name },
          why: 'measure the code before the change',
        },
      ],
    });
  }
  if (hashWorkload(workload) !== baseline.workload_hash) {
    throw new InputError(
      'workload_changed',
      `Workload "${workload.name}" was changed after baseline ${baseline.id}: the two would not measure the same thing.`,
      {
        fix: 'Put the workload back, or measure a new baseline of the unchanged code with the new workload.',
        next: [
          {
            tool: 'measure_baseline',
            arguments: { workload: workload.name },
            why: 'new baseline for the new workload',
          },
        ],
      },
    );
  }
  if (baseline.self_check.status === 'failed') {
    throw new EnvironmentError(
      'untrusted_baseline',
      `Baseline ${baseline.id} cannot be compared with: ${baseline.self_check.text}`,
      {
        fix: 'Put the code back to the state before the change and measure a new baseline, on a quieter machine if it fails again.',
        next: [
          {
            tool: 'measure_baseline',
            arguments: { workload: workload.name },
            why: 'a baseline that agrees with its own copy',
          },
        ],
      },
    );
  }
  const bottleneck = await findOrigin(project, wanted.bottleneck_id ?? wanted.strategy_id);
  await requireApproval(ports, project, commandsOf(goals, [workload]));
  return { goals, workload, baseline, bottleneck };
}

function requireComparable(workload: Workload): void {
  const { incomparable } = measurerOf(workload);
  if (incomparable === undefined) return;
  throw new InputError(
    'invalid_arguments',
    `A change cannot be judged on workload "${workload.name}": ${incomparable}.`,
    {
      fix: 'Give it "start" in place of "attach", so that both states of the code can be started side by side.',
      next: [{ tool: 'define_goals', arguments: {}, why: 'see the workload and change it' }],
    },
  );
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
