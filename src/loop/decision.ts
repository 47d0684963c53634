import { InputError } from '../core/errors.ts';
import type { Experiment } from '../core/model/experiment.ts';
import type { Decision } from '../core/model/guard.ts';
import type { Ports } from '../core/ports/index.ts';
import type { Project } from '../core/ports/project.ts';
import type { ExperimentRow } from '../core/ports/store.ts';

export interface DecisionRequest {
  readonly experiment_id: string;
  readonly decision: Decision['kind'];
  readonly rationale: string;
  readonly title?: string | undefined;
}

export interface RecordedDecision {
  readonly decision: Decision;
  readonly experiment: Experiment;
}

/** Why a change was kept or dropped, as a file that the next person or agent reads first. */
export async function recordDecision(
  ports: Ports,
  project: Project,
  request: DecisionRequest,
  toMarkdown: (
    id: string,
    experiment: Experiment,
    decision: Pick<Decision, 'title' | 'kind' | 'rationale' | 'created_at'>,
    elsewhere: readonly ExperimentRow[],
  ) => string,
): Promise<RecordedDecision> {
  const experiment = await project.store.experiments.get(request.experiment_id);
  if (!experiment) {
    throw new InputError('unknown_id', `There is no experiment "${request.experiment_id}".`, {
      fix: 'Use the experiment_id that validate_change gave.',
      next: [{ tool: 'get_history', arguments: { section: 'experiments' }, why: 'list the experiments' }],
    });
  }
  if (experiment.decision) {
    throw new InputError(
      'invalid_arguments',
      `Experiment ${experiment.id} is decided already: ${experiment.decision.kind} (decision ${experiment.decision.id}).`,
      {
        fix: 'Edit that file, or validate the change again and decide on the new experiment.',
      },
    );
  }
  if (request.decision === 'keep' && experiment.verdict === 'invalid') {
    throw new InputError(
      'invalid_arguments',
      `Experiment ${experiment.id} is invalid (${experiment.reason}): it cannot be kept on its evidence.`,
      {
        fix: 'Repair what made it invalid and validate again, or record "revert" or "defer".',
      },
    );
  }
  const record = {
    title: request.title ?? experiment.hypothesis ?? `Experiment ${experiment.id}`,
    kind: request.decision,
    experiment_id: experiment.id,
    rationale: request.rationale,
    created_at: ports.clock.now(),
  };
  // What a gain here costs there is asked by whoever reads the file.
  const ofRun = await project.store.experiments.ofRun(experiment.run_id);
  const elsewhere = ofRun.filter(({ id }) => id !== experiment.id);
  const decision = await project.files.writeDecision(record, (id) =>
    toMarkdown(id, experiment, record, elsewhere),
  );
  await project.store.experiments.decide(experiment.id, { kind: decision.kind, id: decision.id });
  return { decision, experiment };
}
