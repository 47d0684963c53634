import { z } from 'zod';
import type { Workload } from '../core/model/goals.ts';
import type { Artifact } from '../core/model/evidence.ts';
import type { Baseline } from '../core/model/measurement.ts';
import {
  appliedLoadSchema,
  estimatesSchema,
  fingerprintSchema,
  objectiveStatusSchema,
  pooledLatencySchema,
  selfCheckSchema,
} from '../core/model/measurement.ts';
import { METRICS, type MetricName } from '../core/model/metrics.ts';
import { sweepDimensionSchema, sweepSchema } from '../core/model/sweep.ts';
import { planSweep } from '../core/scaling/sweep-plan.ts';
import { blocksBeyondEffort } from '../core/stats/resolvable.ts';
import { measureBaseline, readyToMeasure } from '../loop/baseline.ts';
import { stepAfterMeasuring } from '../loop/next-steps.ts';
import { keepLatencyPicture } from '../loop/latency-picture.ts';
import { measureSweep, type SweepResult } from '../loop/sweep.ts';
import { describeEstimates, describeObjectives, describePooledLatency } from '../render/measurement.ts';
import { formatEffect, formatPrice } from '../render/number.ts';
import { renderHistogram } from '../render/histogram-svg.ts';
import { renderSweepPlot } from '../render/sweep-plot.ts';
import { describeFit, describeSweep } from '../render/sweep.ts';
import { describeLoad } from '../render/workloads.ts';
import { artifactLink } from './artifact-link.ts';
import { defineTool, type Result } from './definition.ts';
import { effort, projectDir, waitS, workload } from './parameters.ts';
import { runAndWait } from './run-and-wait.ts';

const sweepInput = z.strictObject({
  over: sweepDimensionSchema,
  values: z.array(z.union([z.number(), z.string()])).optional(),
  variable: z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_]*$/)
    .optional()
    .describe('command parameter or environment variable'),
  find: z.literal('knee').optional().describe('the highest rate whose objectives hold'),
});

const output = z.object({
  baseline_id: z.string().optional(),
  workload: z.string(),
  snapshot_id: z.string(),
  sweep: sweepSchema.optional(),
  estimates: estimatesSchema.optional(),
  pooled_latency: pooledLatencySchema.optional().describe('all open-loop requests together; no interval'),
  objectives: z.array(objectiveStatusSchema).optional(),
  samples: z.int(),
  load: appliedLoadSchema,
  self_check: selfCheckSchema.optional(),
  machine: fingerprintSchema.optional(),
  foreign_cpu_share: z.object({ median: z.number(), max: z.number() }).optional(),
});

export const measureBaselineTool = defineTool({
  name: 'measure_baseline',
  title: 'Measure a baseline',
  description:
    'Step 2. Snapshots the code, loads it in fresh processes (closed loop: throughput, CPU; open loop: latency) and records a baseline: intervals, objective status, precision. quick ~20 s, standard ~75 s (default), thorough longer. With sweep: a curve instead of a baseline: scalability law over connections, complexity class over size, saturation by "find".',
  effect: 'runs-code',
  input: z.strictObject({
    project_dir: projectDir,
    workload,
    effort,
    sweep: sweepInput.optional(),
    wait_s: waitS,
  }),
  output,
  handle: async ({ workload: name, effort: wanted = 'standard', sweep, wait_s }, context) => {
    const { ports, project, changes } = context;
    const ready = await readyToMeasure(ports, project, name);
    const plan =
      sweep && (sweep.find === 'knee' ? ('saturation' as const) : planSweep(ready.workload, sweep));
    const spec = {
      kind: 'baseline' as const,
      tool: 'measure_baseline',
      workload: ready.workload.name,
      key: JSON.stringify(['baseline', ready.workload.name, wanted, sweep ?? null]),
    };
    const result = await runAndWait(context, spec, wait_s, async (run) => {
      if (plan) {
        const request = { ...ready, effort: wanted, plan, draw: renderSweepPlot };
        return presentSweep(await measureSweep(ports, project, request, run), ready.workload, run.id);
      }
      const baseline = await measureBaseline(ports, project, { ...ready, effort: wanted }, run);
      const picture = await keepLatencyPicture(ports, project, baseline, renderHistogram);
      changes.emit(['deep-optimize://baselines']);
      return present(baseline, ready.workload, picture);
    });
    return result as Result<z.output<typeof output>>; // what `present` made, perhaps read back from the store
  },
  render: (result) =>
    [
      result.sweep === undefined ? '' : describeSweep(result.sweep),
      describeObjectives(result.objectives ?? []),
      describeEstimates(result.estimates ?? {}),
      result.sweep === undefined ? describeLoad(result.load) : '',
      result.pooled_latency === undefined ? '' : describePooledLatency(result.pooled_latency),
    ]
      .filter(Boolean)
      .join('\n\n'),
});

function presentSweep(
  { sweep, snapshot, load, processes, pictures }: SweepResult,
  workload: Workload,
  runId: string,
): Result<z.output<typeof output>> {
  const verdict = sweep.knee?.text ?? describeFit(sweep.fit);
  const failed = sweep.points.filter((point) => point.failed !== undefined);
  const partial =
    failed.length === 0
      ? ''
      : ` ${failed.length} of ${sweep.points.length} points failed: ${failed[0]?.failed ?? ''}`;
  return {
    status: 'done',
    run_id: runId,
    summary: `${verdict}${partial} ${processes} fresh processes at ${sweep.points.length} points.`,
    workload: workload.name,
    snapshot_id: snapshot.id,
    sweep,
    samples: processes,
    load,
    warnings: [...sweep.warnings, ...('warnings' in sweep.fit ? sweep.fit.warnings : [])],
    next_steps: [stepAfterMeasuring(workload, 'find what makes the curve bend')],
    links: pictures.map(artifactLink),
  };
}

/** What a validation would resolve, and the price of what it would not. */
function describePrecision(baseline: Baseline, metric: MetricName, resolvable: number): string {
  const { title, minimumEffect } = METRICS[metric];
  const resolves = `A validation at this effort resolves ${formatEffect(metric, resolvable)} of ${title}`;
  const missing = blocksBeyondEffort(resolvable, baseline.effort, METRICS[metric]);
  return missing === 0
    ? `${resolves}.`
    : `${resolves}; ${formatPrice(missing, baseline.block_seconds)} would resolve ${formatEffect(metric, minimumEffect)}.`;
}

function present(
  baseline: Baseline,
  workload: Workload,
  picture: Artifact | undefined,
): Result<z.output<typeof output>> {
  const missed = baseline.objectives.filter((o) => o.status === 'missed');
  const open = baseline.objectives.filter(
    (o) => o.status === 'too_close_to_call' || o.status === 'not_measured',
  );
  const titles = (list: typeof missed) => list.map((o) => METRICS[o.metric].title).join(', ');
  const verdict =
    baseline.objectives.length === 0
      ? 'No objectives are set for this workload.'
      : missed.length > 0
        ? `Missed: ${titles(missed)}${open.length > 0 ? `; too close to call: ${titles(open)}` : ''}.`
        : open.length > 0
          ? `Nothing is clearly missed; too close to call: ${titles(open)}.`
          : 'All objectives are met.';
  const { metric } = baseline.self_check;
  const resolvable = baseline.estimates[metric]?.resolvable_effect ?? null;
  const precision =
    resolvable === null
      ? `What effect it resolves cannot be said from ${baseline.samples} processes.`
      : describePrecision(baseline, metric, resolvable);
  return {
    status: 'done',
    run_id: baseline.run_id,
    summary: `${verdict} ${precision} ${baseline.samples} fresh processes of ${baseline.snapshot.id}.`,
    baseline_id: baseline.id,
    workload: baseline.workload,
    snapshot_id: baseline.snapshot.id,
    estimates: baseline.estimates,
    ...(baseline.pooled_latency === undefined ? {} : { pooled_latency: baseline.pooled_latency }),
    objectives: baseline.objectives,
    samples: baseline.samples,
    load: baseline.load,
    self_check: baseline.self_check,
    machine: baseline.machine,
    foreign_cpu_share: baseline.foreign_cpu_share,
    warnings: baseline.warnings,
    next_steps:
      missed.length === 0 && open.length === 0 && baseline.objectives.length > 0
        ? [{ tool: 'add_budget', arguments: { workload: baseline.workload }, why: 'keep what is met' }]
        : [stepAfterMeasuring(workload, 'find what costs the most', baseline.id)],
    links: [
      {
        uri: `deep-optimize://baselines/${baseline.id}`,
        title: 'Baseline with all samples',
        mime_type: 'application/json',
      },
      ...(picture === undefined ? [] : [artifactLink(picture)]),
    ],
  };
}
