import { EFFORTS } from '../../core/efforts.ts';
import {
  compareMetrics,
  guardrailMetrics,
  judgeExperiment,
  isDecided,
  type ComparisonPlan,
} from '../../core/experiment/comparisons.ts';
import { measuredInstead, primaryMetric } from '../../core/measurement/objectives.ts';
import type { TestResult } from '../../core/model/experiment.ts';
import type { Goals } from '../../core/model/goals.ts';
import type { Ports } from '../../core/ports/index.ts';
import type { Project } from '../../core/ports/project.ts';
import { LOOKS, maximumBlocks } from '../../core/stats/looks.ts';
import { measurerOf } from '../kinds/index.ts';
import { runBlocks, type Block, type BlocksResult } from '../measure/blocks.ts';
import { prepareCheckout } from '../measure/prepare.ts';
import { runTests } from '../measure/run-tests.ts';
import { createSide } from '../measure/side.ts';
import type { RunHandle } from '../runs.ts';
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
  const measured = await measurePairs(ports, draft, plan, { ...sides, project: project.directory }, run);
  const seconds = (ports.clock.monotonicMs() - startedMs) / 1000;
  const blockSeconds = measured.blocks.length === 0 ? null : seconds / measured.blocks.length;
  const comparisons = compareMetrics(measured.blocks, plan);
  const looks = LOOKS[request.effort].filter((look) => look <= measured.blocks.length);
  const mechanism = await checkMechanism(ports, project, draft, comparisons, sides, run);
  const judgement = judgeExperiment(comparisons);
  return { ...measured, blockSeconds, tests, linked, comparisons, looks, mechanism, ...judgement };
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
