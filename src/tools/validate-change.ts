import { z } from 'zod';
import {
  behaviourResultSchema,
  comparisonSchema,
  mechanismSchema,
  testResultSchema,
  verdictSchema,
  type BehaviourResult,
  type Comparison,
  type Experiment,
  type TestResult,
} from '../core/model/experiment.ts';
import { reviewFlagSchema } from '../core/integrity/review-flag.ts';
import { metricNameSchema, objectiveStatusSchema } from '../core/model/measurement.ts';
import type { NextStep } from '../core/model/result.ts';
import { readyToValidate } from '../loop/experiment/ready.ts';
import { validateChange } from '../loop/experiment/validate.ts';
import {
  describeBehaviour,
  describeComparisons,
  describeReviewFlags,
  describeVerdict,
} from '../render/experiment.ts';
import { foreignName, quoteForeignText } from '../render/foreign-text.ts';
import { defineTool, type Result } from './definition.ts';
import { effort, projectDir, recordId, waitS, workload } from './parameters.ts';
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
  .pick({ metric: true, bound: true, target: true })
  .extend({ baseline: objectiveStatusSchema.shape.status, candidate: objectiveStatusSchema.shape.status });

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
  changed_files: z.array(z.object({ path: z.string(), added: z.int(), removed: z.int() })),
  mechanism: mechanismSchema.nullable(),
  review_flags: z.array(reviewFlagSchema),
  attempt: z.int(),
  seed: z.int(),
});

export const validateChangeTool = defineTool({
  name: 'validate_change',
  title: 'Validate a change',
  description:
    'Step 5. Judges the working tree against a baseline snapshot: runs the tests, then both sides side by side in randomized blocks of fresh processes. Verdict improved, regressed, equivalent, inconclusive or invalid, with intervals. Call it once per change; repeats must convince at half the error. standard takes 1-4 min, quick about half.',
  effect: 'runs-code',
  input: z.strictObject({
    project_dir: projectDir,
    baseline_id: recordId.optional().describe('default: the latest'),
    workload,
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
    const spec = {
      kind: 'validation' as const,
      tool: 'validate_change',
      workload: ready.workload.name,
      key: JSON.stringify([
        'validation',
        ready.baseline.id,
        wanted,
        hypothesis,
        strategy_id ?? ready.bottleneck?.id ?? null,
        primary_metric,
      ]),
    };
    const result = await runAndWait(context, spec, input.wait_s, async (run) => {
      const experiment = await validateChange(
        ports,
        project,
        {
          ...ready,
          effort: wanted,
          hypothesis,
          strategyId: strategy_id,
          primary: primary_metric,
        },
        run,
      );
      changes.emit(['deep-optimize://experiments']);
      return present(experiment);
    });
    return result as Result<z.output<typeof output>>; // what `present` made, perhaps read back from the store
  },
  render: (result) =>
    [
      describeComparisons(result.comparisons, result.objectives, result.tests),
      describeBehaviour(result.behaviour),
      describeReviewFlags(result.review_flags),
    ]
      .filter((text) => text !== '')
      .join('\n'),
});

function present(experiment: Experiment): Result<z.output<typeof output>> {
  return {
    status: 'done',
    run_id: experiment.run_id,
    summary: describeVerdict(experiment),
    experiment_id: experiment.id,
    verdict: experiment.verdict,
    reason: experiment.reason,
    primary: experiment.comparisons.find(({ role }) => role === 'primary') ?? null,
    comparisons: experiment.comparisons.map(toComparisonRow),
    objectives: toObjectiveRows(experiment.objectives),
    blocks: experiment.blocks,
    tests: toTestRow(experiment.tests),
    behaviour: toBehaviourRow(experiment.behaviour),
    changed_files: experiment.changed_files,
    mechanism: experiment.mechanism,
    review_flags: experiment.review_flags,
    attempt: experiment.attempt,
    seed: experiment.seed,
    warnings: experiment.warnings,
    next_steps: nextSteps(experiment),
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
  const before = new Map(of('baseline').map(({ status }) => [status.metric, status.status]));
  return of('candidate').map(({ status: { metric, bound, target, status } }) => ({
    metric,
    bound,
    target,
    baseline: before.get(metric) ?? 'not_measured',
    candidate: status,
  }));
}

/** What a program says is untrusted, and in names a line of it will do. */
function toBehaviourRow({ masked, differences, failure, ...counts }: BehaviourResult): BehaviourResult {
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
    ...(failure === undefined
      ? {}
      : { failure: { ...failure, output_tail: quoteForeignText(failure.output_tail) } }),
  };
}

/** What tests print is of interest when they fail, and untrusted. */
function toTestRow({ output_tail: printed, ...tests }: TestResult): TestResult {
  const failed = tests.status !== 'passed' && tests.status !== 'not_configured';
  return failed && printed !== undefined ? { ...tests, output_tail: quoteForeignText(printed) } : tests;
}

function nextSteps({ id, verdict, workload: name, tests }: Experiment): NextStep[] {
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
