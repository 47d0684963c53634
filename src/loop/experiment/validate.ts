import { EnvironmentError, InputError } from '../../core/errors.ts';
import type { Experiment } from '../../core/model/experiment.ts';
import type { Snapshot } from '../../core/model/measurement.ts';
import type { Ports } from '../../core/ports/index.ts';
import type { Project } from '../../core/ports/project.ts';
import { alphaForAttempt } from '../../core/stats/alpha.ts';
import { exclusively } from '../measure/exclusively.ts';
import type { RunHandle } from '../runs.ts';
import { onSide, SideFailure } from './failures.ts';
import { judgeChange, toOutcome } from './judge.ts';
import { settleTargets } from './missing-baseline.ts';
import { partOfRun } from './part-of-run.ts';
import type { Ready } from './ready.ts';
import { toExperiment } from './record.ts';
import type { Draft, ExperimentRequest, Outcome } from './request.ts';
import type { Reference } from './resolve-against.ts';
import { createWorkbench, type Workbench } from './workbench.ts';

/** Step 5: the working tree against one code state, side by side. Whatever comes out is kept as an experiment. */
export async function validateChange(
  ports: Ports,
  project: Project,
  request: ExperimentRequest,
  run: RunHandle,
): Promise<Experiment> {
  const [experiment] = await validateChanges(ports, project, [request], run);
  if (experiment) return experiment;
  throw unchanged([request]);
}

/** The working tree on every workload that it is to be judged on; a commit that was never measured becomes a baseline first. */
export async function validateOnAll(
  ports: Ports,
  project: Project,
  { targets, bottleneck }: Pick<Ready, 'targets' | 'bottleneck'>,
  asked: Pick<ExperimentRequest, 'effort' | 'hypothesis' | 'strategyId' | 'primary'>,
  run: RunHandle,
): Promise<readonly Experiment[]> {
  const settled = await settleTargets(ports, project, targets, run);
  const requests = settled.map((target): ExperimentRequest => {
    // On other workloads than its own nothing is blamed.
    const isBlamed = targets.length === 1 || bottleneck?.workload === target.workload.name;
    return { ...target, ...asked, bottleneck: isBlamed ? bottleneck : null };
  });
  return await validateChanges(ports, project, requests, run);
}

/** The same on several workloads, one experiment each, with the checkouts and tests that they can share. */
export async function validateChanges(
  ports: Ports,
  project: Project,
  requests: readonly ExperimentRequest[],
  run: RunHandle,
): Promise<readonly Experiment[]> {
  return await exclusively(ports, project, run.id, async () => {
    run.report({ fraction: 0.01, message: 'taking a snapshot', etaS: null });
    const candidate = await project.snapshots.take();
    const changed = requests.filter((request) => referenceOf(request).snapshot.tree !== candidate.tree);
    if (changed.length === 0) throw unchanged(requests);
    const workbench = createWorkbench(ports, project, run);
    const experiments: Experiment[] = [];
    for (const [index, request] of changed.entries()) {
      const part = partOfRun(run, { index, of: changed.length, name: request.workload.name });
      experiments.push(await validateOne(ports, project, request, candidate, workbench, part));
    }
    return experiments;
  });
}

async function validateOne(
  ports: Ports,
  project: Project,
  request: ExperimentRequest,
  candidate: Snapshot,
  workbench: Workbench,
  run: RunHandle,
): Promise<Experiment> {
  const { baseline } = request;
  const reference = referenceOf(request);
  const change = await onSide('baseline', () => project.snapshots.diff(reference.snapshot, candidate)).catch(
    (error: unknown) => {
      if (run.signal.aborted || !(error instanceof SideFailure)) throw error;
      return error;
    },
  );
  const attemptOfBaseline = 1 + (await project.store.experiments.count({ baselineId: baseline.id }));
  // Comparisons of the very same two code states: each repeat must convince at half the error.
  const attempt =
    1 +
    (await project.store.experiments.count({ baselineId: baseline.id, candidateSnapshotId: candidate.id }));
  const draft: Draft = {
    request,
    reference,
    candidate,
    change: change instanceof SideFailure ? { patch: '', files: [] } : change,
    attempt,
    attemptOfBaseline,
    alpha: alphaForAttempt(attempt, request.firstAlpha),
    seed: request.seed ?? ports.entropy.seed(),
  };
  const outcome =
    change instanceof SideFailure
      ? toOutcome(change)
      : await judgeChange(ports, project, draft, workbench, run);
  // A full disk has room for the record once the checkouts are gone.
  if (outcome.failure?.side === 'machine') await workbench.clear();
  const diffId = await keepDiff(ports, project, draft, outcome, run);
  const experiment = await toExperiment(ports, draft, outcome, diffId, run);
  await project.store.experiments.create(
    experiment,
    [...outcome.blocks, ...(outcome.confirmed?.blocks ?? [])].flatMap(({ a, b }) => [a, b]),
  );
  return experiment;
}

/** Null where there is none, or where the machine that failed has no room for it: the record is worth more. */
async function keepDiff(
  ports: Ports,
  project: Project,
  { reference, candidate, change }: Draft,
  { failure }: Outcome,
  run: RunHandle,
): Promise<string | null> {
  if (change.patch === '' && failure?.side === 'machine') return null;
  const artifact = {
    id: ports.entropy.id('art'),
    run_id: run.id,
    kind: 'diff',
    title: `Diff of ${reference.snapshot.id} and ${candidate.id}`,
    mime_type: 'text/x-diff',
    extension: 'diff',
    created_at: ports.clock.now(),
  } as const;
  try {
    return (await project.store.artifacts.create(artifact, change.patch)).id;
  } catch (error) {
    if (failure?.side === 'machine' && error instanceof EnvironmentError) return null;
    throw error;
  }
}

function referenceOf({ reference, baseline }: ExperimentRequest): Reference {
  return reference ?? { kind: 'baseline', name: baseline.id, snapshot: baseline.snapshot };
}

function unchanged([request]: readonly ExperimentRequest[]): InputError {
  const what = request
    ? `${referenceOf(request).kind} ${referenceOf(request).name}`
    : 'what it was compared with';
  return new InputError(
    'invalid_arguments',
    `The working tree is exactly the code of ${what}: there is no change to validate.`,
    { fix: 'Apply the change first (git-ignored files do not count).' },
  );
}
