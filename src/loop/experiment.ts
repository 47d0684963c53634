import { EFFORTS } from '../core/efforts.ts';
import { EnvironmentError, InputError } from '../core/errors.ts';
import {
  compareMetrics,
  guardrailMetrics,
  judgeExperiment,
  isDecided,
  type ComparisonPlan,
  type Judgement,
} from '../core/experiment/comparisons.ts';
import { hashWorkload, selectWorkload } from '../core/goals/select.ts';
import { findReviewFlags } from '../core/integrity/review-flags.ts';
import type { ReviewFlag } from '../core/integrity/review-flag.ts';
import { workloadLiterals } from '../core/integrity/workload-literals.ts';
import { estimateSide } from '../core/measurement/estimates.ts';
import { judgeObjectives, measuredInstead, primaryMetric } from '../core/measurement/objectives.ts';
import type { Comparison, Experiment, TestResult } from '../core/model/experiment.ts';
import type { Goals, Workload } from '../core/model/goals.ts';
import { NO_GOALS } from '../core/model/goals.ts';
import type { Baseline, Effort, Snapshot } from '../core/model/measurement.ts';
import type { MetricName } from '../core/model/metrics.ts';
import type { Warning } from '../core/model/warning.ts';
import type { Ports } from '../core/ports/index.ts';
import type { Project } from '../core/ports/project.ts';
import type { ChangedFile } from '../core/ports/snapshots.ts';
import { alphaForAttempt } from '../core/stats/alpha.ts';
import { LOOKS, maximumBlocks } from '../core/stats/looks.ts';
import { conditionWarnings } from '../core/measurement/condition-warnings.ts';
import { WARNINGS } from '../core/warnings.ts';
import { commandsOf, requireApproval } from './consent.ts';
import { measurerOf } from './kinds/index.ts';
import { runBlocks, type Block, type BlocksResult } from './measure/blocks.ts';
import { exclusively } from './measure/exclusively.ts';
import { prepareCheckout } from './measure/prepare.ts';
import { runTests } from './measure/run-tests.ts';
import { createSide } from './measure/side.ts';
import type { RunHandle } from './runs.ts';

export interface ExperimentRequest {
  readonly goals: Goals;
  readonly workload: Workload;
  readonly baseline: Baseline;
  readonly effort: Effort;
  readonly hypothesis: string | null;
  readonly strategyId: string | null;
  readonly bottleneckId: string | null;
  readonly primary: MetricName | null;
  readonly seed?: number;
}

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
): Promise<Pick<ExperimentRequest, 'goals' | 'workload' | 'baseline'>> {
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
  await requireKnownOrigin(project, wanted.bottleneck_id ?? wanted.strategy_id);
  await requireApproval(ports, project, commandsOf(goals, [workload]));
  return { goals, workload, baseline };
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
async function requireKnownOrigin(project: Project, id: string | undefined): Promise<void> {
  const bottleneck = id?.split('--')[0]; // a strategy's id begins with that of its bottleneck
  if (bottleneck === undefined || (await project.store.bottlenecks.get(bottleneck))) return;
  throw new InputError('unknown_id', `There is no bottleneck "${bottleneck}".`, {
    fix: 'Use the bottleneck_id of find_bottlenecks or the id of a strategy of propose_strategies, or leave it out.',
    next: [{ tool: 'get_history', arguments: { section: 'bottlenecks' }, why: 'list them' }],
  });
}

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
    const draft = {
      request,
      candidate,
      change,
      attempt,
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
      outcome.blocks.flatMap(({ a, b }) => [a, b]),
    );
    return experiment;
  });
}

interface Draft {
  readonly request: ExperimentRequest;
  readonly candidate: Snapshot;
  readonly change: { readonly patch: string; readonly files: readonly ChangedFile[] };
  readonly attempt: number;
  readonly alpha: number;
  readonly seed: number;
}

interface Outcome extends Judgement, BlocksResult {
  readonly blockSeconds: number | null;
  readonly tests: TestResult;
  readonly comparisons: readonly Comparison[];
  readonly looks: readonly number[];
  readonly linked: readonly string[];
}

async function judgeChange(ports: Ports, project: Project, draft: Draft, run: RunHandle): Promise<Outcome> {
  const { request, candidate } = draft;
  const { workload, goals, baseline } = request;
  const { signal } = run;
  const prepare = { workload, runId: run.id, signal };
  const a = await prepareCheckout(ports, project, { ...prepare, snapshot: baseline.snapshot, slot: 'a' });
  const b = await prepareCheckout(ports, project, { ...prepare, snapshot: candidate, slot: 'b' });
  const linked = [...new Set([...a.linked, ...b.linked])];

  run.report({ fraction: 0.03, message: 'running the tests', etaS: null });
  const tests = await testBoth(ports, goals, { a: a.directory, b: b.directory, runId: run.id, signal });
  const nothing = { blocks: [], dropped: [], blockSeconds: null, comparisons: [], looks: [], linked, tests };
  if (tests.status === 'failed')
    return {
      ...nothing,
      verdict: 'invalid',
      reason: 'behaviour changed: the tests fail on the candidate and pass on the baseline',
    };
  if (tests.status === 'timed_out')
    return { ...nothing, verdict: 'invalid', reason: 'the tests ran past their time limit' };

  const plan: ComparisonPlan = planComparison(draft);
  const startedMs = ports.clock.monotonicMs();
  const measured = await measurePairs(
    ports,
    draft,
    plan,
    { a: a.directory, b: b.directory, project: project.directory },
    run,
  );
  const seconds = (ports.clock.monotonicMs() - startedMs) / 1000;
  const blockSeconds = measured.blocks.length === 0 ? null : seconds / measured.blocks.length;
  const comparisons = compareMetrics(measured.blocks, plan);
  const looks = LOOKS[request.effort].filter((look) => look <= measured.blocks.length);
  return { ...measured, blockSeconds, tests, linked, comparisons, looks, ...judgeExperiment(comparisons) };
}

function planComparison({ request, attempt, alpha }: Draft): ComparisonPlan {
  const { goals, workload, baseline, effort } = request;
  const { defaultPrimary } = measurerOf(workload);
  const primary =
    request.primary ??
    primaryMetric(
      goals,
      workload.name,
      baseline.objectives,
      measuredInstead(defaultPrimary, defaultPrimary, baseline.estimates),
    );
  // What this kind of workload does not measure would only take its share of the error.
  const guardrails = guardrailMetrics(goals, workload.name, primary).filter(
    (name) => baseline.estimates[name] !== undefined,
  );
  return { primary, guardrails, effort, attempt, alpha };
}

/** Candidate first; the baseline only when that fails, to tell old failures from new ones. */
async function testBoth(
  ports: Ports,
  goals: Goals,
  where: { readonly a: string; readonly b: string; readonly runId: string; readonly signal: AbortSignal },
): Promise<TestResult> {
  const candidate = await runTests(ports, goals.correctness, { ...where, directory: where.b });
  if (candidate.status !== 'failed') return candidate;
  const before = await runTests(ports, goals.correctness, { ...where, directory: where.a });
  return before.status === 'passed' ? candidate : { ...candidate, status: 'failed_before_too' };
}

async function measurePairs(
  ports: Ports,
  draft: Draft,
  plan: ComparisonPlan,
  directories: { readonly a: string; readonly b: string; readonly project: string },
  run: RunHandle,
): Promise<BlocksResult> {
  const { goals, workload, baseline, effort } = draft.request;
  const most = maximumBlocks(effort);
  const startedMs = ports.clock.monotonicMs();
  const { project: projectDirectory } = directories;
  const sideOf = (directory: string) =>
    createSide(ports, {
      runId: run.id,
      workload,
      prices: goals.prices,
      directory,
      projectDirectory,
      load: baseline.load,
      plan: EFFORTS[effort],
      signal: run.signal,
    });
  let blocksDone: readonly Block[] = [];
  return await runBlocks({
    sides: { a: sideOf(directories.a), b: sideOf(directories.b) },
    seed: draft.seed,
    maxBlocks: most,
    signal: run.signal,
    afterBlock: (blocks) => {
      blocksDone = blocks;
      return isDecided(blocks, plan) ? 'stop' : 'continue';
    },
    onSample: (done) => {
      const next = LOOKS[effort].find((look) => look * 2 >= done) ?? most;
      const perSample = (ports.clock.monotonicMs() - startedMs) / 1000 / done;
      run.report({
        fraction: 0.05 + 0.93 * (done / (most * 2)),
        message: `block ${Math.ceil(done / 2)} of at most ${most}; first possible decision after ${next}`,
        etaS: perSample * (next * 2 - done),
        partial: { blocks: blocksDone.length },
      });
    },
  });
}

async function toExperiment(
  ports: Ports,
  draft: Draft,
  outcome: Outcome,
  diffId: string,
  run: RunHandle,
): Promise<Experiment> {
  const { request, candidate, change, attempt, alpha, seed } = draft;
  const { baseline, workload, goals } = request;
  const machine = await ports.machine.fingerprint();
  const flags = reviewFlagsOf(draft);
  return {
    id: ports.entropy.id('exp'),
    run_id: run.id,
    baseline_id: baseline.id,
    workload: workload.name,
    hypothesis: request.hypothesis,
    strategy_id: request.strategyId,
    bottleneck_id: request.bottleneckId,
    baseline_snapshot: baseline.snapshot,
    candidate_snapshot: candidate,
    changed_files: change.files.map((file) => ({ ...file })),
    diff_artifact_id: diffId,
    machine,
    effort: request.effort,
    seed,
    load: baseline.load,
    attempt,
    alpha,
    tests: outcome.tests,
    verdict: outcome.verdict,
    reason: outcome.reason,
    comparisons: [...outcome.comparisons],
    objectives: outcome.blocks.length === 0 ? [] : objectivesOfSides(goals, workload.name, outcome.blocks),
    blocks: outcome.blocks.length,
    dropped_blocks: outcome.dropped.length,
    block_seconds: outcome.blockSeconds,
    looks: [...outcome.looks],
    review_flags: [...flags],
    warnings: warningsOf(ports, draft, outcome, flags, machine.id),
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
    judgeObjectives(goals, workload, estimateSide(samples)).map((status) => ({ side, status })),
  );
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
  const judging = flags
    .filter(({ kind, line }) => line === null && kind !== 'lockfile')
    .map(({ file }) => file);
  return [
    ...(outcome.tests.status === 'not_configured' ? [WARNINGS.no_tests()] : []),
    ...(outcome.tests.status === 'failed_before_too' ? [WARNINGS.failed_before()] : []),
    ...(attempt > 1 ? [WARNINGS.alpha_spent(attempt, alpha)] : []),
    ...(judging.length > 0 ? [WARNINGS.judging_files_changed(judging)] : []),
    ...(machineId === request.baseline.machine.id ? [] : [WARNINGS.other_machine()]),
    ...conditionWarnings(
      outcome.blocks.flatMap(({ a, b }) => [a, b]),
      ports.machine.cpuPlan() !== undefined,
    ),
    ...(outcome.dropped.length > 0 ? [WARNINGS.dropped_blocks(outcome.dropped)] : []),
    ...(outcome.linked.length > 0 ? [WARNINGS.linked_files(outcome.linked)] : []),
  ];
}
