import { describeDifference } from '../../core/behaviour/describe.ts';
import {
  compareMetrics,
  guardrailMetrics,
  judgeExperiment,
  type ComparisonPlan,
  type Judgement,
} from '../../core/experiment/comparisons.ts';
import { confirmJudgement, needsConfirmation } from '../../core/experiment/confirmation.ts';
import { measuredInstead, primaryMetric } from '../../core/measurement/objectives.ts';
import { DeepOptimizeError } from '../../core/errors.ts';
import { BEHAVIOUR_NOT_CHECKED, type TestResult } from '../../core/model/experiment.ts';
import type { Ports } from '../../core/ports/index.ts';
import type { Project } from '../../core/ports/project.ts';
import { LOOKS } from '../../core/stats/looks.ts';
import { measurerOf } from '../kinds/index.ts';
import { explainIgnored } from '../measure/explain-ignored.ts';
import type { RunHandle } from '../runs.ts';
import { confirmAfresh } from './confirm.ts';
import { judgeFailure, onSide, SideFailure, toMachineFailure } from './failures.ts';
import { measurePairs } from './measure-pairs.ts';
import { checkMechanism } from './mechanism.ts';
import { checkBehaviour, type BehaviourCheck } from './behaviour.ts';
import { checkStateOnDisk, judgeStateOnDisk } from './state-on-disk.ts';
import type { Draft, Outcome, Sides } from './request.ts';
import type { Workbench } from './workbench.ts';

const NOT_RUN: TestResult = { status: 'not_run' };
const UNCHECKED: BehaviourCheck = { behaviour: BEHAVIOUR_NOT_CHECKED, warnings: [] };

/** What is known before anything is timed. */
type Known = Pick<Outcome, 'tests' | 'linked' | 'behaviour' | 'behaviourWarnings'>;

function toKnown({ behaviour, warnings }: BehaviourCheck): Pick<Known, 'behaviour' | 'behaviourWarnings'> {
  return { behaviour, behaviourWarnings: warnings };
}

const NOTHING_KNOWN: Known = { tests: NOT_RUN, linked: [], ...toKnown(UNCHECKED) };

/** Tests first, then what both sides answer; then blocks until the looks decide. A side that fails makes it invalid and is told, never lost. */
export async function judgeChange(
  ports: Ports,
  project: Project,
  draft: Draft,
  workbench: Workbench,
  run: RunHandle,
): Promise<Outcome> {
  const { request, reference, candidate } = draft;
  let known = NOTHING_KNOWN;
  try {
    const { workload } = request;
    const sides: Sides = {
      a: await onSide('baseline', () => workbench.checkout('a', reference.snapshot, workload)),
      b: await onSide('candidate', () => workbench.checkout('b', candidate, workload)),
    };
    known = { ...known, linked: [...new Set([...sides.a.linked, ...sides.b.linked])] };

    run.report({ fraction: 0.03, message: 'running the tests', etaS: null });
    known = { ...known, tests: await testBoth(draft, workbench, sides) };
    const broken = judgeTests(known.tests);
    if (broken) return { ...NOTHING, ...known, ...broken };

    known = { ...known, ...toKnown(await checkBehaviour(ports, project, draft, sides, run)) };
    const [smallest] = known.behaviour.differences;
    if (smallest !== undefined)
      return {
        ...NOTHING,
        ...known,
        verdict: 'invalid',
        reason: `behaviour changed: ${describeDifference(smallest)}`,
      };
    return { ...known, ...(await measure(ports, project, draft, sides, run)) };
  } catch (error) {
    const failure = toMachineFailure(error);
    if (run.signal.aborted || !(failure instanceof SideFailure)) throw error;
    return toOutcome(await explained(project, failure), known);
  }
}

async function explained(project: Project, { side, failure, blocks }: SideFailure): Promise<SideFailure> {
  const why = await explainIgnored(project, failure);
  return new SideFailure(side, why instanceof DeepOptimizeError ? why : failure, blocks);
}

/** Of an experiment that ended before there was anything to compare. */
export function toOutcome(failure: SideFailure, known: Known = NOTHING_KNOWN): Outcome {
  return { ...NOTHING, ...known, ...judgeFailure(failure), blocks: failure.blocks };
}

const NOTHING = {
  blocks: [],
  dropped: [],
  blockSeconds: null,
  comparisons: [],
  looks: [],
  confirmed: null,
  mechanism: null,
  stateOnDisk: null,
  failure: null,
} as const satisfies Partial<Outcome>;

async function measure(
  ports: Ports,
  project: Project,
  draft: Draft,
  sides: Sides,
  run: RunHandle,
): Promise<Omit<Outcome, keyof Known>> {
  const plan: ComparisonPlan = planComparison(draft);
  const startedMs = ports.clock.monotonicMs();
  const pairs = { comparison: plan, sides, seed: draft.seed, from: 0.05, to: 0.9, doing: '' };
  const measured = await measurePairs(ports, project, draft, pairs, run);
  const seconds = (ports.clock.monotonicMs() - startedMs) / 1000;
  const blockSeconds = measured.blocks.length === 0 ? null : seconds / measured.blocks.length;
  const comparisons = compareMetrics(measured.blocks, plan);
  const looks = LOOKS[draft.request.effort].filter((look) => look <= measured.blocks.length);
  const first = judgeExperiment(comparisons);
  const next = 1 + (measured.blocks.at(-1)?.index ?? -1);
  // Whatever ends what comes now, the blocks are kept.
  const keepBlocks = (error: unknown): never => {
    throw toMachineFailure(error, measured.blocks);
  };
  const confirmed = needsConfirmation(first.verdict, draft.attemptOfBaseline - draft.attempt)
    ? await confirmAfresh(ports, project, draft, plan, sides, next, run).catch(keepBlocks)
    : null;
  const judgement = confirmed ? confirmJudgement(first, confirmed.fresh, draft.attemptOfBaseline) : first;
  const mechanism = await checkMechanism(ports, project, draft, comparisons, sides, run).catch(keepBlocks);
  const stateOnDisk =
    judgement.verdict === 'improved'
      ? await checkStateOnDisk(ports, project, draft, plan, sides, measured.blocks, run).catch(keepBlocks)
      : null;
  return {
    ...measured,
    blockSeconds,
    comparisons,
    looks,
    confirmed,
    mechanism,
    stateOnDisk,
    failure: null,
    ...judgement,
    ...(stateOnDisk && judgeStateOnDisk(stateOnDisk)),
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
  { request: { goals }, reference, candidate }: Draft,
  workbench: Workbench,
  sides: Sides,
): Promise<TestResult> {
  const after = await workbench.test(goals, candidate, sides.b.directory);
  if (after.status !== 'failed') return after;
  const before = await workbench.test(goals, reference.snapshot, sides.a.directory);
  return before.status === 'passed' ? after : { ...after, status: 'failed_before_too' };
}

function judgeTests({ status }: TestResult): Judgement | null {
  if (status === 'failed')
    return {
      verdict: 'invalid',
      reason: 'behaviour changed: the tests fail on the candidate and pass on the baseline',
    };
  return status === 'timed_out'
    ? { verdict: 'invalid', reason: 'the tests ran past their time limit' }
    : null;
}
