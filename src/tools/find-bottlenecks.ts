import { z } from 'zod';
import { projectPathSchema } from '../core/model/workloads/common.ts';
import { bottleneckSchema, ceilingSchema, type Bottleneck } from '../core/model/evidence.ts';
import type { FunctionCost } from '../core/profile/analyze.ts';
import type { NextStep } from '../core/model/result.ts';
import { findPareto } from '../core/profile/pareto.ts';
import type { TraceAnalysis } from '../core/trace/analyze.ts';
import type { TimeSplit } from '../core/trace/split.ts';
import { readyToMeasure } from '../loop/baseline.ts';
import { findBottlenecks, type FoundBottlenecks } from '../loop/bottlenecks.ts';
import { chooseBaseline } from '../loop/choose-baseline.ts';
import {
  describeBottlenecks,
  describeCoverage,
  describeFunctions,
  describeRequestTime,
} from '../render/bottlenecks.ts';
import { describeNoBottleneck } from '../render/no-bottleneck.ts';
import { renderDifference } from '../render/difference-svg.ts';
import { renderFlamegraph } from '../render/flamegraph-svg.ts';
import { renderTimeline } from '../render/timeline-svg.ts';
import { formatShare } from '../render/number.ts';
import { artifactLink } from './artifact-link.ts';
import { defineTool, type Result } from './definition.ts';
import { effort, projectDir, recordId, waitS, workload } from './parameters.ts';
import { runAndWait } from './run-and-wait.ts';

const functionRow = z.object({
  function: z.string(),
  file: z.string().nullable(),
  line: z.int().nullable(),
  package: z.string().nullable(),
  self_share: z.number(),
  own_share: z.number().describe('self and the built-ins it called'),
  total_share: z.number(),
});

const bottleneckRow = bottleneckSchema
  .pick({
    kind: true,
    title: true,
    layer: true,
    location: true,
    share: true,
    confidence: true,
    confirm: true,
    symptoms: true,
  })
  .extend({
    bottleneck_id: z.string(),
    // What a ceiling assumes stands in the record: it is long, and the same for each metric.
    ceilings: z.array(ceilingSchema.omit({ assumes: true })),
  });

const split = z.record(z.string(), z.number());

const output = z.object({
  bottlenecks: z.array(bottleneckRow),
  functions: z.array(functionRow.extend({ cumulative_share: z.number() })).describe('by own share'),
  pareto: z.object({ functions: z.int(), out_of: z.int(), share_of_busy: z.number() }),
  coverage: z
    .record(z.string(), z.number())
    .describe('where busy time went; named = in functions with a place'),
  runtime: z.object({ gc_share: z.number().nullable(), event_loop_delay_p99_ms: z.number().nullable() }),
  busy_samples: z.int(),
  request_time: z
    .object({
      requests: z.int(),
      mean_ms: z.number(),
      p50: split,
      p99: split,
    })
    .nullable(),
  evidence_ids: z.array(z.string()),
});

/** Rows in an answer; more are a page of inspect_evidence or get_history away. */
const FUNCTIONS_SHOWN = 6;
const BOTTLENECKS_SHOWN = 5;

export const findBottlenecksTool = defineTool({
  name: 'find_bottlenecks',
  title: 'Find bottlenecks',
  description:
    'Step 3. Profiles, traces and watches memory and database under load, and names what costs: where (file:line, statement, call), share with interval, the ceiling of what fixing it gains, what stays unexplained. 20-60 s.',
  effect: 'runs-code',
  input: z.strictObject({
    project_dir: projectDir,
    workload,
    baseline_id: recordId.optional().describe('default: the latest; gives ceilings their numbers'),
    file: projectPathSchema.optional().describe('profile or trace to read instead'),
    effort,
    wait_s: waitS,
  }),
  output,
  handle: async ({ workload: name, baseline_id, file, effort: wanted = 'standard', wait_s }, context) => {
    const { ports, project, changes } = context;
    const ready = await readyToMeasure(ports, project, name);
    const { name: of } = ready.workload;
    const baseline = await chooseBaseline(project, of, baseline_id);
    const spec = {
      kind: 'bottlenecks' as const,
      tool: 'find_bottlenecks',
      workload: of,
      key: JSON.stringify(['bottlenecks', of, wanted, file]),
    };
    const result = await runAndWait(context, spec, wait_s, async (run) => {
      const request = {
        ...ready,
        baseline,
        effort: wanted,
        draw: { flamegraph: renderFlamegraph, difference: renderDifference, timeline: renderTimeline },
      };
      const found = await findBottlenecks(ports, project, request, run);
      changes.emit(found.bottlenecks.map(({ id }) => `deep-optimize://bottlenecks/${id}`));
      return present(found, of);
    });
    return result as Result<z.output<typeof output>>; // what `present` made, perhaps read back from the store
  },
  render: (result) =>
    [
      describeBottlenecks(result.bottlenecks),
      describeRequestTime(result.request_time),
      describeFunctions(result.functions),
      describeCoverage(result),
    ]
      .filter((text) => text !== '')
      .join('\n\n'),
});

function present(found: FoundBottlenecks, workloadName: string): Result<z.output<typeof output>> {
  const { bottlenecks, evidence, input, pictures, warnings } = found;
  const { attribution: analysis, runtime } = input;
  const pareto = findPareto(analysis);
  const first = bottlenecks[0];
  let cumulative = 0;
  const functions = analysis.functions
    .filter((cost) => cost.frame.kind === 'js')
    .slice(0, FUNCTIONS_SHOWN)
    .map((cost) => ({ ...toFunctionRow(cost), cumulative_share: (cumulative += cost.ownShare) }));
  return {
    status: 'done',
    summary: summarize(found, pareto),
    bottlenecks: bottlenecks.slice(0, BOTTLENECKS_SHOWN).map(toBottleneckRow),
    functions,
    pareto: { functions: pareto.functions.length, out_of: pareto.outOf, share_of_busy: pareto.shareOfBusy },
    coverage: { ...analysis.coverage },
    runtime: {
      gc_share: runtime?.gcShare ?? null,
      event_loop_delay_p99_ms: runtime?.eventLoopDelayP99Ms ?? null,
    },
    busy_samples: analysis.totals.busySamples,
    request_time: presentSplit(input.trace),
    evidence_ids: evidence.map(({ id }) => id),
    warnings: [...warnings],
    next_steps: first
      ? [
          {
            tool: 'propose_strategies',
            arguments: { bottleneck_id: first.id },
            why: 'remedies for the first finding',
          },
          ...inspectionOf(first, evidence),
        ]
      : [lookFurther(found, workloadName)],
    links: pictures.map(artifactLink),
  };
}

function summarize(
  { bottlenecks: [first, ...others], evidence, input }: FoundBottlenecks,
  pareto: ReturnType<typeof findPareto>,
): string {
  const { attribution } = input;
  const { busySamples } = attribution.totals;
  if (first === undefined) {
    if (evidence.length === 0)
      return 'Nothing of it could be looked at: the warnings say what is missing. A profile that another tool recorded is read as "file".';
    return describeNoBottleneck(input, presentSplit(input.trace));
  }
  const functions =
    busySamples === 0
      ? ''
      : `; ${pareto.functions.length} of ${pareto.outOf} functions make 80 % of the time that has a name; ${formatShare(1 - attribution.coverage.named)} has none`;
  return `${first.title}, confidence ${first.confidence.level}. ${others.length + 1} finding(s)${functions}.`;
}

/** Where its place can be seen: the line of a function, the plan of a statement. */
function inspectionOf(
  { id, location }: Bottleneck,
  evidence: FoundBottlenecks['evidence'],
): readonly NextStep[] {
  const has = (kind: (typeof evidence)[number]['kind']) => evidence.some((one) => one.kind === kind);
  if (location.fingerprint !== undefined && has('database')) {
    const { fingerprint } = location;
    return [
      {
        tool: 'inspect_evidence',
        arguments: { bottleneck_id: id, view: 'plan', filter: fingerprint },
        why: 'see its plan',
      },
    ];
  }
  if (!has('cpu-profile')) return [];
  return [
    {
      tool: 'inspect_evidence',
      arguments: { bottleneck_id: id, view: 'lines' },
      why: 'see its hot lines',
    },
  ];
}

function lookFurther({ evidence: [captured] }: FoundBottlenecks, workload: string): NextStep {
  return captured === undefined
    ? {
        tool: 'find_bottlenecks',
        arguments: { workload, file: '…' },
        why: 'read a profile or trace that a tool of its own language recorded',
      }
    : {
        tool: 'inspect_evidence',
        arguments: { evidence_id: captured.id },
        why: `look through what was seen of ${workload}`,
      };
}

function toBottleneckRow({
  id,
  kind,
  title,
  layer,
  location,
  share,
  ceilings,
  confidence,
  confirm,
  symptoms,
}: Bottleneck) {
  return {
    bottleneck_id: id,
    kind,
    title,
    layer,
    location,
    share,
    ceilings: ceilings.map(({ metric, gain, interval }) => ({ metric, gain, interval })),
    confidence,
    confirm,
    ...(symptoms === undefined ? {} : { symptoms }),
  };
}

function toFunctionRow(cost: FunctionCost): z.output<typeof functionRow> {
  return {
    function: cost.frame.name === '' ? '(anonymous)' : cost.frame.name,
    file: cost.file ?? null,
    line: cost.frame.line ?? null,
    package: cost.package ?? null,
    self_share: cost.selfShare,
    own_share: cost.ownShare,
    total_share: cost.totalShare,
  };
}

function presentSplit(trace: TraceAnalysis | undefined): z.output<typeof output>['request_time'] {
  if (trace === undefined || trace.splitP50 === null || trace.splitP99 === null) return null;
  return {
    requests: trace.split.requests,
    mean_ms: trace.split.meanMs,
    p50: measuredShares(trace, trace.splitP50),
    p99: measuredShares(trace, trace.splitP99),
  };
}

/** Where waits for locks are not told apart from `database`, a 0 would say that there were none. */
function measuredShares({ knowsLocks }: TraceAnalysis, { shares }: TimeSplit): z.output<typeof split> {
  if (knowsLocks) return { ...shares };
  const { 'lock-wait': _partOfDatabase, ...measured } = shares;
  return measured;
}
