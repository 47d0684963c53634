import { InputError } from '../../core/errors.ts';
import type { Experiment } from '../../core/model/experiment.ts';
import type { Ports } from '../../core/ports/index.ts';
import type { Project } from '../../core/ports/project.ts';
import { alphaForAttempt } from '../../core/stats/alpha.ts';
import { exclusively } from '../measure/exclusively.ts';
import type { RunHandle } from '../runs.ts';
import { judgeChange } from './judge.ts';
import { toExperiment } from './record.ts';
import type { ExperimentRequest } from './request.ts';

/** Step 5: the working tree against the baseline's snapshot, side by side. Whatever comes out is kept as an experiment. */
export async function validateChange(
  ports: Ports,
  project: Project,
  request: ExperimentRequest,
  run: RunHandle,
): Promise<Experiment> {
  return await exclusively(ports, project, run.id, async () => {
    run.report({ fraction: 0.01, message: 'taking a snapshot', etaS: null });
    const candidate = await project.snapshots.take();
    const { baseline } = request;
    if (candidate.tree === baseline.snapshot.tree) {
      throw new InputError(
        'invalid_arguments',
        `The working tree is exactly the code of baseline ${baseline.id}: there is no change to validate.`,
        {
          fix: 'Apply the change first (git-ignored files do not count).',
        },
      );
    }
    const change = await project.snapshots.diff(baseline.snapshot, candidate);
    // Comparisons of the very same two code states: each repeat must convince at half the error.
    const attempt =
      1 +
      (await project.store.experiments.count({ baselineId: baseline.id, candidateSnapshotId: candidate.id }));
    const attemptOfBaseline = 1 + (await project.store.experiments.count({ baselineId: baseline.id }));
    const draft = {
      request,
      candidate,
      change,
      attempt,
      attemptOfBaseline,
      alpha: alphaForAttempt(attempt),
      seed: request.seed ?? ports.entropy.seed(),
    };

    const outcome = await judgeChange(ports, project, draft, run);
    const diff = await project.store.artifacts.create(
      {
        id: ports.entropy.id('art'),
        run_id: run.id,
        kind: 'diff',
        title: `Diff of ${baseline.snapshot.id} and ${candidate.id}`,
        mime_type: 'text/x-diff',
        extension: 'diff',
        created_at: ports.clock.now(),
      },
      change.patch,
    );
    const experiment = await toExperiment(ports, draft, outcome, diff.id, run);
    await project.store.experiments.create(
      experiment,
      [...outcome.blocks, ...(outcome.confirmed?.blocks ?? [])].flatMap(({ a, b }) => [a, b]),
    );
    return experiment;
  });
}
