import {
  compareMetrics,
  guardrailMetrics,
  judgeExperiment,
  type ComparisonPlan,
} from '../../core/experiment/comparisons.ts';
import { confirmJudgement, needsConfirmation } from '../../core/experiment/confirmation.ts';
import { measuredInstead, primaryMetric } from '../../core/measurement/objectives.ts';
import type { TestResult } from '../../core/model/experiment.ts';
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
import type { Draft, Outcome } from './request.ts';

/** Tests first; then blocks until the looks decide. */
export async function judgeChange(
  ports: Ports,
  project: Project,
  draft: Draft,
  run: RunHandle,
): Promise<Outcome> {
  const { request, candidate } = draft;
  const { workload, goals, baseline } = request;
  const { signal } = run;
  const prepare = { workload, runId: run.id, signal };
  const a = await prepareCheckout(ports, project, { ...prepare, snapshot: baseline.snapshot, slot: 'a' });
  const b = await prepareCheckout(ports, project, { ...prepare, snapshot: candidate, slot: 'b' });
  const linked = [...new Set([...a.linked, ...b.linked])];

  run.report({ fraction: 0.03, message: 'running the tests', etaS: null });
  const tests = await testBoth(ports, goals, { a: a.directory, b: b.directory, runId: run.id, signal });
  const nothing = {
    blocks: [],
    dropped: [],
    blockSeconds: null,
    comparisons: [],
    looks: [],
    linked,
    tests,
    confirmed: null,
    mechanism: null,
  };
  if (tests.status === 'failed')
    return {
      ...nothing,
      verdict: 'invalid',
      reason: 'behaviour changed: the tests fail on the candidate and pass on the baseline',
    };
  if (tests.status === 'timed_out')
    return { ...nothing, verdict: 'invalid', reason: 'the tests ran past their time limit' };

  const plan: ComparisonPlan = planComparison(draft);
  const sides = { a: a.directory, b: b.directory };
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
  return { ...measured, blockSeconds, tests, linked, comparisons, looks, confirmed, mechanism, ...judgement };
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
