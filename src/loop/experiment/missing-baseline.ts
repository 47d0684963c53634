import type { Effort } from '../../core/model/measurement.ts';
import type { Ports } from '../../core/ports/index.ts';
import type { Project } from '../../core/ports/project.ts';
import { measureBaseline } from '../baseline.ts';
import type { RunHandle } from '../runs.ts';
import { partOfRun } from './part-of-run.ts';
import type { ExperimentRequest, ExperimentTarget } from './request.ts';

type Settled = Pick<ExperimentRequest, 'goals' | 'workload' | 'baseline' | 'reference'>;

/** Enough for a load and for what the workload can resolve; the comparison itself measures both sides again. */
const EFFORT: Effort = 'quick';

/** Where a commit is compared with and the workload was never measured, the commit becomes its baseline first. */
export async function settleTargets<Target extends ExperimentTarget>(
  ports: Ports,
  project: Project,
  targets: readonly Target[],
  run: RunHandle,
): Promise<readonly (Target & Settled)[]> {
  const settled: (Target & Settled)[] = [];
  for (const [index, target] of targets.entries()) {
    const { goals, workload, reference } = target;
    const { snapshot } = reference;
    const part = partOfRun(run, { index, of: targets.length, name: `baseline of ${workload.name}` });
    const baseline =
      target.baseline ??
      (await measureBaseline(ports, project, { goals, workload, effort: EFFORT, snapshot }, part));
    settled.push({ ...target, baseline });
  }
  return settled;
}
