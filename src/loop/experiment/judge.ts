import { describeDifference } from '../../core/behaviour/describe.ts';
import {
  compareMetrics,
  guardrailMetrics,
  judgeExperiment,
  type ComparisonPlan,
} from '../../core/experiment/comparisons.ts';
import { confirmJudgement, needsConfirmation } from '../../core/experiment/confirmation.ts';
import { measuredInstead, primaryMetric } from '../../core/measurement/objectives.ts';
import { BEHAVIOUR_NOT_CHECKED, type TestResult } from '../../core/model/experiment.ts';
import type { Goals } from '../../core/model/goals.ts';
import type { Ports } from '../../core/ports/index.ts';
import type { Project } from '../../core/ports/project.ts';
import { LOOKS } from '../../core/stats/looks.ts';
import { measurerOf } from '../kinds/index.ts';
import { prepareCheckout } from '../measure/prepare.ts';
import { runTests } from '../measure/run-tests.ts';
import type { RunHandle } from '../runs.ts';
import { confirmAfresh } from './confirm.ts';
import { measurePairs } from './measure-pairs.ts';
import { checkMechanism } from './mechanism.ts';
import { checkBehaviour, type BehaviourCheck } from './behaviour.ts';
import { blameCandidate, failureOfCandidate } from './candidate-failure.ts';
import type { Draft, Outcome } from './request.ts';

/**
 * Tests first, then what both sides answer; then blocks until the looks decide. A candidate that cannot be set up, started or
 * measured is an invalid one, and its experiment is kept like every other.
 */
export async function judgeChange(
  ports: Ports,
  project: Project,
  draft: Draft,
  run: RunHandle,
): Promise<Outcome> {
  const known: Known = { linked: [], tests: { status: 'not_configured' }, checked: UNCHECKED };
  try {
    return await judgeRunning(ports, project, draft, known, run);
  } catch (error) {
    const failure = failureOfCandidate(error);
    if (run.signal.aborted || failure === undefined) throw error;
    const { behaviour } = known.checked;
    return invalid(
      { ...known, checked: { ...known.checked, behaviour: { ...behaviour, failure } } },
      `the candidate could not be run: ${failure.message.replace(/\.$/, '')}`,
    );
  }
}

/** What is known before anything is timed; grows on the way. */
interface Known {
  linked: readonly string[];
  tests: TestResult;
  checked: BehaviourCheck;
}

const UNCHECKED: BehaviourCheck = { behaviour: BEHAVIOUR_NOT_CHECKED, warnings: [] };

function invalid({ linked, tests, checked }: Known, reason: string): Outcome {
  return {
    blocks: [],
    dropped: [],
    blockSeconds: null,
    comparisons: [],
    looks: [],
    linked,
    tests,
    confirmed: null,
    mechanism: null,
    behaviour: checked.behaviour,
    behaviourWarnings: checked.warnings,
    verdict: 'invalid',
    reason,
  };
}

async function judgeRunning(
  ports: Ports,
  project: Project,
  draft: Draft,
  known: Known,
  run: RunHandle,
): Promise<Outcome> {
  const { request, candidate } = draft;
  const { workload, goals, baseline } = request;
  const { signal } = run;
  const prepare = { workload, runId: run.id, signal };
  const a = await prepareCheckout(ports, project, { ...prepare, snapshot: baseline.snapshot, slot: 'a' });
  const b = await blameCandidate(() =>
    prepareCheckout(ports, project, { ...prepare, snapshot: candidate, slot: 'b' }),
  );
  const linked = [...new Set([...a.linked, ...b.linked])];
  known.linked = linked;

  run.report({ fraction: 0.03, message: 'running the tests', etaS: null });
  const tests = await testBoth(ports, goals, { a: a.directory, b: b.directory, runId: run.id, signal });
  known.tests = tests;
  if (tests.status === 'failed')
    return invalid(known, 'behaviour changed: the tests fail on the candidate and pass on the baseline');
  if (tests.status === 'timed_out') return invalid(known, 'the tests ran past their time limit');

  const sides = { a: a.directory, b: b.directory };
  const checked = await checkBehaviour(ports, project, draft, sides, run);
  known.checked = checked;
  const [smallest] = checked.behaviour.differences;
  if (smallest !== undefined) return invalid(known, `behaviour changed: ${describeDifference(smallest)}`);

  const plan: ComparisonPlan = planComparison(draft);
  const startedMs = ports.clock.monotonicMs();
  const measured = await measurePairs(
    ports,
    project,
    draft,
    { comparison: plan, sides, seed: draft.seed, from: 0.05, to: 0.9, doing: '' },
    run,
  );
  const seconds = (ports.clock.monotonicMs() - startedMs) / 1000;
  const blockSeconds = measured.blocks.length === 0 ? null : seconds / measured.blocks.length;
  const comparisons = compareMetrics(measured.blocks, plan);
  const looks = LOOKS[request.effort].filter((look) => look <= measured.blocks.length);
  const first = judgeExperiment(comparisons);
  const next = 1 + (measured.blocks.at(-1)?.index ?? -1);
  const confirmed = needsConfirmation(first.verdict, draft.attemptOfBaseline - draft.attempt)
    ? await confirmAfresh(ports, project, draft, plan, sides, next, run)
    : null;
  const judgement = confirmed ? confirmJudgement(first, confirmed.fresh, draft.attemptOfBaseline) : first;
  const mechanism = await checkMechanism(ports, project, draft, comparisons, sides, run);
  return {
    ...measured,
    ...{ blockSeconds, tests, linked, comparisons, looks, confirmed, mechanism },
    behaviour: checked.behaviour,
    behaviourWarnings: checked.warnings,
    ...judgement,
  };
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
