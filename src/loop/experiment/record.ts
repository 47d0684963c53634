import { compareWithPrediction } from '../../core/experiment/mechanism.ts';
import { findReviewFlags } from '../../core/integrity/review-flags.ts';
import type { ReviewFlag } from '../../core/integrity/review-flag.ts';
import { workloadLiterals } from '../../core/integrity/workload-literals.ts';
import { estimateSide } from '../../core/measurement/estimates.ts';
import { judgeConstraints } from '../../core/measurement/constraints.ts';
import { judgeObjectives } from '../../core/measurement/objectives.ts';
import type { Experiment } from '../../core/model/experiment.ts';
import type { Goals } from '../../core/model/goals.ts';
import type { Estimates, ObjectiveStatus } from '../../core/model/measurement.ts';
import { METRICS } from '../../core/model/metrics.ts';
import type { Warning } from '../../core/model/warning.ts';
import type { Ports } from '../../core/ports/index.ts';
import { conditionWarnings } from '../../core/measurement/condition-warnings.ts';
import { WARNINGS } from '../../core/warnings.ts';
import { measurerOf } from '../kinds/index.ts';
import { type Block } from '../measure/blocks.ts';
import type { RunHandle } from '../runs.ts';
import type { Draft, Outcome } from './request.ts';

export async function toExperiment(
  ports: Ports,
  draft: Draft,
  outcome: Outcome,
  diffId: string | null,
  run: RunHandle,
): Promise<Experiment> {
  const { request, reference, candidate, change, attempt, alpha, seed } = draft;
  const { baseline, workload, goals } = request;
  const machine = await ports.machine.fingerprint();
  const flags = reviewFlagsOf(draft);
  const objectives =
    outcome.blocks.length === 0 ? [] : objectivesOfSides(goals, workload.name, outcome.blocks);
  return {
    id: ports.entropy.id('exp'),
    run_id: run.id,
    baseline_id: baseline.id,
    workload: workload.name,
    hypothesis: request.hypothesis,
    strategy_id: request.strategyId,
    bottleneck_id: request.bottleneck?.id ?? null,
    against: reference.kind === 'baseline' ? null : { kind: reference.kind, name: reference.name },
    baseline_snapshot: reference.snapshot,
    candidate_snapshot: candidate,
    changed_files: change.files.map((file) => ({ ...file })),
    diff_artifact_id: diffId,
    machine,
    effort: request.effort,
    seed,
    load: baseline.load,
    attempt,
    attempt_of_baseline: draft.attemptOfBaseline,
    alpha,
    tests: outcome.tests,
    behaviour: outcome.behaviour,
    verdict: outcome.verdict,
    reason: outcome.reason,
    comparisons: [...outcome.comparisons],
    objectives,
    blocks: outcome.blocks.length,
    dropped_blocks: droppedOf(outcome).length,
    block_seconds: outcome.blockSeconds,
    looks: [...outcome.looks],
    failure: outcome.failure,
    confirmation: outcome.confirmed?.confirmation ?? null,
    mechanism: outcome.mechanism,
    state_on_disk: outcome.stateOnDisk,
    prediction:
      request.bottleneck &&
      compareWithPrediction(
        request.bottleneck,
        outcome.comparisons.find(({ role }) => role === 'primary'),
      ),
    review_flags: [...flags],
    warnings: [...brokenConstraints(objectives), ...warningsOf(ports, draft, outcome, flags, machine.id)],
    decision: null,
    created_at: ports.clock.now(),
  };
}

function objectivesOfSides(
  goals: Goals,
  workload: string,
  blocks: readonly Block[],
): Experiment['objectives'] {
  const sides = [
    { side: 'baseline' as const, samples: blocks.map((block) => block.a) },
    { side: 'candidate' as const, samples: blocks.map((block) => block.b) },
  ];
  return sides.flatMap(({ side, samples }) =>
    limitsOf(estimateSide(samples)).map((status) => ({ side, status })),
  );

  function limitsOf(estimates: Estimates): readonly ObjectiveStatus[] {
    return [...judgeObjectives(goals, workload, estimates), ...judgeConstraints(goals, workload, estimates)];
  }
}

/** Those that the candidate breaks; whether the baseline broke them already is said. */
function brokenConstraints(objectives: Experiment['objectives']): readonly Warning[] {
  const missed = (wanted: 'baseline' | 'candidate') =>
    objectives.flatMap(({ side, status }) => (side === wanted && status.status === 'missed' ? [status] : []));
  const before = new Set(missed('baseline').map(({ constraint }) => constraint));
  return missed('candidate').flatMap(({ constraint, metric, value, bound, target }) =>
    constraint === undefined || value === null
      ? []
      : [
          WARNINGS.constraint_broken(
            { name: constraint, value, bound, target, wasBroken: before.has(constraint) },
            METRICS[metric],
          ),
        ],
  );
}

function droppedOf({ dropped, confirmed }: Outcome): readonly string[] {
  return [...dropped, ...(confirmed?.dropped ?? [])];
}

function reviewFlagsOf({ request: { workload }, change }: Draft): readonly ReviewFlag[] {
  return findReviewFlags({
    patch: change.patch,
    files: change.files.map(({ path }) => path),
    inputs: measurerOf(workload).inputFiles ?? [],
    literals: workloadLiterals(workload),
  });
}

function warningsOf(
  ports: Ports,
  draft: Draft,
  outcome: Outcome,
  flags: readonly ReviewFlag[],
  machineId: string,
): Warning[] {
  const { attempt, alpha, request } = draft;
  const dropped = droppedOf(outcome);
  const judging = flags
    .filter(({ kind, line }) => line === null && kind !== 'lockfile')
    .map(({ file }) => file);
  return [
    ...(outcome.tests.status === 'not_configured' ? [WARNINGS.no_tests()] : []),
    ...(outcome.tests.status === 'failed_before_too' ? [WARNINGS.failed_before()] : []),
    ...outcome.behaviourWarnings,
    ...(attempt > 1 ? [WARNINGS.alpha_spent(attempt, alpha)] : []),
    ...(judging.length > 0 ? [WARNINGS.judging_files_changed(judging)] : []),
    ...(draft.reference.kind === 'baseline' ||
    draft.reference.snapshot.tree === request.baseline.snapshot.tree
      ? []
      : [WARNINGS.load_of_baseline(request.baseline.id)]),
    ...(machineId === request.baseline.machine.id ? [] : [WARNINGS.other_machine()]),
    ...conditionWarnings(
      outcome.blocks.flatMap(({ a, b }) => [a, b]),
      ports.machine.cpuPlan() !== undefined,
    ),
    ...(dropped.length > 0 ? [WARNINGS.dropped_blocks(dropped)] : []),
    ...(outcome.stateOnDisk?.carries_gain === true
      ? [WARNINGS.gain_kept_on_disk(outcome.stateOnDisk, METRICS[outcome.stateOnDisk.metric])]
      : []),
    ...(outcome.linked.length > 0 ? [WARNINGS.linked_files(outcome.linked)] : []),
  ];
}
