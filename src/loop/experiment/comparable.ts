import { EnvironmentError, InputError } from '../../core/errors.ts';
import { hashWorkload } from '../../core/goals/select.ts';
import type { Workload } from '../../core/model/goals.ts';
import type { Baseline } from '../../core/model/measurement.ts';
import type { NextStep } from '../../core/model/result.ts';
import type { Project } from '../../core/ports/project.ts';
import { measurerOf } from '../kinds/index.ts';

/** The named baseline, else the latest of the workload, if comparisons with it mean anything. */
export async function requireBaseline(
  project: Project,
  workload: Workload,
  named: Baseline | undefined,
): Promise<Baseline> {
  const baseline = named ?? (await project.store.baselines.latest(workload.name));
  const measure = (why: string): NextStep => ({
    tool: 'measure_baseline',
    arguments: { workload: workload.name },
    why,
  });
  if (!baseline) {
    throw new InputError('no_baseline', `Workload "${workload.name}" has no baseline to compare with.`, {
      fix: 'Give "against" as a commit of the code before the change (e.g. "HEAD"); without git put the code back, measure it, and apply the change again.',
      next: [
        {
          tool: 'validate_change',
          arguments: { workload: workload.name, against: 'HEAD' },
          why: 'compare with the last commit',
        },
        measure('measure the code before the change'),
      ],
    });
  }
  if (hashWorkload(workload) !== baseline.workload_hash) {
    throw new InputError(
      'workload_changed',
      `Workload "${workload.name}" was changed after baseline ${baseline.id}: the two would not measure the same thing.`,
      {
        fix: 'Put the workload back, or measure a new baseline of the unchanged code with the new workload.',
        next: [measure('new baseline for the new workload')],
      },
    );
  }
  if (baseline.self_check.status === 'failed') {
    throw new EnvironmentError(
      'untrusted_baseline',
      `Baseline ${baseline.id} cannot be compared with: ${baseline.self_check.text}`,
      {
        fix: 'Put the code back to the state before the change and measure a new baseline, on a quieter machine if it fails again.',
        next: [measure('a baseline that agrees with its own copy')],
      },
    );
  }
  return baseline;
}

/** The latest baseline whose load another code state may be measured under; null when there is none. */
export async function usableBaseline(project: Project, workload: Workload): Promise<Baseline | null> {
  const latest = await project.store.baselines.latest(workload.name);
  return latest && latest.self_check.status !== 'failed' && hashWorkload(workload) === latest.workload_hash
    ? latest
    : null;
}

export function requireComparable(workload: Workload): void {
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
