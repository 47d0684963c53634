import { z } from 'zod';
import { InternalError } from '../core/errors.ts';
import { chooseHeadline } from '../core/experiment/several-workloads.ts';
import {
  behaviourResultSchema,
  comparisonSchema,
  experimentFailureSchema,
  mechanismSchema,
  testResultSchema,
  verdictSchema,
  type BehaviourResult,
  type Comparison,
  type Experiment,
  type ExperimentFailure,
  type TestResult,
} from '../core/model/experiment.ts';
import { reviewFlagSchema } from '../core/integrity/review-flag.ts';
import { metricNameSchema, objectiveStatusSchema, type ObjectiveStatus } from '../core/model/measurement.ts';
import type { Warning } from '../core/model/warning.ts';
import type { NextStep } from '../core/model/result.ts';
import { readyToValidate } from '../loop/experiment/ready.ts';
import { validateOnAll } from '../loop/experiment/validate.ts';
import { stepsAfterMachine } from '../loop/next-steps.ts';
import {
  describeBehaviour,
  describeComparisons,
  describeFailure,
  describeReviewFlags,
  describeVerdicts,
} from '../render/experiment.ts';
import { foreignName, quoteForeignText } from '../render/foreign-text.ts';
import { defineTool, type Result } from './definition.ts';
import { NAME } from '../core/model/workloads/common.ts';
import { effort, projectDir, recordId, waitS } from './parameters.ts';
import { runAndWait } from './run-and-wait.ts';

/** Differences of behaviour in an answer; more are in the record of the experiment. */
const SHOWN_DIFFERENCES = 5;

/** Every metric; the whole comparison with its parameters is in the record of the experiment. */
const comparisonRow = comparisonSchema.pick({
  metric: true,
  role: true,
  verdict: true,
  change: true,
  interval: true,
  baseline: true,
  candidate: true,
});

const objectiveRow = objectiveStatusSchema
  .pick({ constraint: true, metric: true, bound: true, target: true })
  .extend({ baseline: objectiveStatusSchema.shape.status, candidate: objectiveStatusSchema.shape.status });

/** The same change on the other workloads. */
const otherRow = z.object({
  experiment_id: z.string(),
  workload: z.string(),
  verdict: verdictSchema,
  reason: z.string(),
});

const output = z.object({
  experiment_id: z.string(),
  verdict: verdictSchema,
  reason: z.string(),
  primary: comparisonSchema.nullable(),
  comparisons: z.array(comparisonRow),
  objectives: z.array(objectiveRow),
  blocks: z.int().describe('paired, of fresh processes'),
  tests: testResultSchema,
  behaviour: behaviourResultSchema,
  failure: experimentFailureSchema.nullable(),
  changed_files: z.array(z.object({ path: z.string(), added: z.int(), removed: z.int() })),
  mechanism: mechanismSchema.nullable(),
  review_flags: z.array(reviewFlagSchema),
  attempt: z.int(),
  seed: z.int(),
  others: z.array(otherRow),
});

export const validateChangeTool = defineTool({
  name: 'validate_change',
  title: 'Validate a change',
  description:
    'Step 5. Judges the working tree against earlier code: runs the tests, then both sides side by side in randomized blocks of fresh processes. Verdict improved, regressed, equivalent, inconclusive or invalid, with intervals. Call it once per change. standard takes 1-4 min, quick about half.',
  effect: 'runs-code',
  input: z.strictObject({
    project_dir: projectDir,
    against: z
      .string()
      .max(200)
      .optional()
      .describe('baseline or experiment id, or git ref; default: latest baseline'),
    workload: NAME.optional().describe('default: all'),
    hypothesis: z.string().max(500).optional().describe('what the change should do, and why'),
    strategy_id: recordId.optional(),
    bottleneck_id: recordId.optional(),
    primary_metric: metricNameSchema.optional().describe('default: the primary or first missed objective'),
    effort,
    wait_s: waitS,
  }),
  output,
  handle: async (input, context) => {
    const { ports, project, changes } = context;
    const {
      effort: wanted = 'standard',
      hypothesis = null,
      strategy_id = null,
      primary_metric = null,
    } = input;
    const ready = await readyToValidate(ports, project, input);
    const { targets, bottleneck } = ready;
    const of = targets.map(({ workload, reference }) => [workload.name, reference.snapshot.tree]);
    const [only] = targets.length === 1 ? targets : [];
    const spec = {
      kind: 'validation' as const,
      tool: 'validate_change',
      workload: only?.workload.name ?? null,
      key: JSON.stringify([
        'validation',
        of,
        wanted,
        hypothesis,
        strategy_id ?? bottleneck?.id ?? null,
        primary_metric,
      ]),
    };
    const result = await runAndWait(context, spec, input.wait_s, async (run) => {
      const asked = { effort: wanted, hypothesis, strategyId: strategy_id, primary: primary_metric };
      const experiments = await validateOnAll(ports, project, ready, asked, run);
      changes.emit(['deep-optimize://experiments']);
      return present(experiments, ready.warnings);
    });
    return result as Result<z.output<typeof output>>; // what `present` made, perhaps read back from the store
  },
  render: (result) =>
    [
      describeComparisons(result.comparisons, result.objectives, result.tests),
      describeBehaviour(result.behaviour),
      describeFailure(result.failure),
      describeReviewFlags(result.review_flags),
    ]
      .filter((text) => text !== '')
      .join('\n'),
});

function present(
  experiments: readonly Experiment[],
  warnings: readonly Warning[],
): Result<z.output<typeof output>> {
  const experiment = chooseHeadline(experiments);
  if (!experiment)
    throw new InternalError('internal', 'A validation ended without an experiment.', {
      fix: 'Please report this as a defect of deep-optimize.',
    });
  const others = experiments.filter((other) => other !== experiment);
  return {
    status: 'done',
    run_id: experiment.run_id,
    summary: describeVerdicts(experiment, others),
    others: others.map(({ id, workload, verdict, reason }) => ({
      experiment_id: id,
      workload,
      verdict,
      reason,
    })),
    experiment_id: experiment.id,
    verdict: experiment.verdict,
    reason: experiment.reason,
    primary: experiment.comparisons.find(({ role }) => role === 'primary') ?? null,
    comparisons: experiment.comparisons.map(toComparisonRow),
    objectives: toObjectiveRows(experiment.objectives),
    blocks: experiment.blocks,
    tests: toTestRow(experiment.tests),
    behaviour: toBehaviourRow(experiment.behaviour),
    failure: toFailureRow(experiment.failure),
    changed_files: experiment.changed_files,
    mechanism: experiment.mechanism,
    review_flags: experiment.review_flags,
    attempt: experiment.attempt,
    seed: experiment.seed,
    warnings: [...warnings, ...experiment.warnings],
    next_steps: [...nextSteps(experiment)],
    links: [
      {
        uri: `deep-optimize://experiments/${experiment.id}`,
        title: 'Experiment with all samples',
        mime_type: 'application/json',
      },
      ...(experiment.diff_artifact_id === null
        ? []
        : [
            {
              uri: `deep-optimize://artifacts/${experiment.diff_artifact_id}`,
              title: 'The change',
              mime_type: 'text/x-diff',
            },
          ]),
    ],
  };
}

function toComparisonRow({
  metric,
  role,
  verdict,
  change,
  interval,
  baseline,
  candidate,
}: Comparison): z.output<typeof comparisonRow> {
  return { metric, role, verdict, change, interval, baseline, candidate };
}

function toObjectiveRows(objectives: Experiment['objectives']): z.output<typeof objectiveRow>[] {
  const of = (wanted: 'baseline' | 'candidate') => objectives.filter(({ side }) => side === wanted);
  const keyOf = ({ constraint, metric, bound }: ObjectiveStatus) =>
    JSON.stringify([constraint, metric, bound]);
  const before = new Map(of('baseline').map(({ status }) => [keyOf(status), status.status]));
  return of('candidate').map(({ status }) => ({
    ...(status.constraint === undefined ? {} : { constraint: status.constraint }),
    metric: status.metric,
    bound: status.bound,
    target: status.target,
    baseline: before.get(keyOf(status)) ?? 'not_measured',
    candidate: status.status,
  }));
}

/** What a program says is untrusted, and in names a line of it will do. */
function toBehaviourRow({ masked, differences, ...counts }: BehaviourResult): BehaviourResult {
  return {
    ...counts,
    masked: masked.map((place) => foreignName(place)),
    differences: differences.slice(0, SHOWN_DIFFERENCES).map(({ of, where, baseline, candidate, apart }) => ({
      of: foreignName(of),
      where: foreignName(where),
      baseline: foreignName(baseline),
      candidate: foreignName(candidate),
      apart,
    })),
  };
}

function toFailureRow(failure: ExperimentFailure | null): ExperimentFailure | null {
  return failure?.output_tail === undefined
    ? failure
    : { ...failure, output_tail: quoteForeignText(failure.output_tail) };
}

/** What tests print is of interest when they fail, and untrusted. */
function toTestRow({ output_tail: printed, ...tests }: TestResult): TestResult {
  const failed = tests.status !== 'passed' && tests.status !== 'not_configured' && tests.status !== 'not_run';
  return failed && printed !== undefined ? { ...tests, output_tail: quoteForeignText(printed) } : tests;
}

function nextSteps(experiment: Experiment): readonly NextStep[] {
  const { id, verdict, workload: name, tests } = experiment;
  const again = stepsAfterMachine(experiment);
  if (again.length > 0) return again;
  const decide = (decision: string, why: string): NextStep => ({
    tool: 'record_decision',
    arguments: { experiment_id: id, decision, rationale: '…' },
    why,
  });
  switch (verdict) {
    case 'improved':
      return [
        decide(
          'keep',
          tests.status === 'passed'
            ? 'the gain is real and the tests pass'
            : 'the gain is real; check correctness yourself first',
        ),
        { tool: 'add_budget', arguments: { workload: name }, why: 'guard it afterwards' },
      ];
    case 'regressed':
    case 'invalid':
      return [decide('revert', 'after you took the change back')];
    case 'equivalent':
      return [decide('revert', 'it gains nothing; keep it only if the code is simpler')];
    case 'inconclusive':
      return [decide('defer', 'or revert; measure again only with a larger effort')];
  }
}
