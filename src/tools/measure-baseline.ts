import { z } from 'zod';
import type { Baseline } from '../core/model/measurement.ts';
import {
  appliedLoadSchema,
  estimatesSchema,
  fingerprintSchema,
  objectiveStatusSchema,
  pooledLatencySchema,
  selfCheckSchema,
} from '../core/model/measurement.ts';
import { METRICS } from '../core/model/metrics.ts';
import { measureBaseline, readyToMeasure } from '../loop/baseline.ts';
import { describeEstimates, describeObjectives, describePooledLatency } from '../render/measurement.ts';
import { formatEffect } from '../render/number.ts';
import { describeLoad } from '../render/workloads.ts';
import { defineTool, type Result } from './definition.ts';
import { effort, projectDir, waitS, workload } from './parameters.ts';
import { runAndWait } from './run-and-wait.ts';

const output = z.object({
  baseline_id: z.string(),
  workload: z.string(),
  snapshot_id: z.string(),
  estimates: estimatesSchema,
  pooled_latency: pooledLatencySchema.optional().describe('all open-loop requests together; no interval'),
  objectives: z.array(objectiveStatusSchema),
  samples: z.int(),
  load: appliedLoadSchema,
  self_check: selfCheckSchema,
  machine: fingerprintSchema,
  foreign_cpu_share: z.object({ median: z.number(), max: z.number() }),
});

export const measureBaselineTool = defineTool({
  name: 'measure_baseline',
  title: 'Measure a baseline',
  description:
    'Step 2. Snapshots the code, starts it in fresh processes, loads it (closed loop: throughput, CPU; open loop: latency) and records a baseline: intervals, objective status, precision, machine. quick ~20 s, standard ~75 s (default), thorough longer. Editing may go on meanwhile.',
  effect: 'runs-code',
  input: z.strictObject({ project_dir: projectDir, workload, effort, wait_s: waitS }),
  output,
  handle: async ({ workload: name, effort: wanted = 'standard', wait_s }, context) => {
    const { ports, project, changes } = context;
    const ready = await readyToMeasure(ports, project, name);
    const spec = {
      kind: 'baseline' as const,
      tool: 'measure_baseline',
      workload: ready.workload.name,
      key: JSON.stringify(['baseline', ready.workload.name, wanted]),
    };
    const result = await runAndWait(context, spec, wait_s, async (run) => {
      const baseline = await measureBaseline(ports, project, { ...ready, effort: wanted }, run);
      changes.emit(['deep-optimize://baselines']);
      return present(baseline);
    });
    return result as Result<z.output<typeof output>>; // what `present` made, perhaps read back from the store
  },
  render: (result) =>
    [
      describeObjectives(result.objectives),
      describeEstimates(result.estimates),
      describeLoad(result.load),
      result.pooled_latency === undefined ? '' : describePooledLatency(result.pooled_latency),
    ]
      .filter(Boolean)
      .join('\n\n'),
});

function present(baseline: Baseline): Result<z.output<typeof output>> {
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
      : `A validation at this effort resolves ${formatEffect(metric, resolvable)} of ${METRICS[metric].title}.`;
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
        : [
            {
              tool: 'find_bottlenecks',
              arguments: { workload: baseline.workload, baseline_id: baseline.id },
              why: 'find what costs the most',
            },
          ],
    links: [
      {
        uri: `deep-optimize://baselines/${baseline.id}`,
        title: 'Baseline with all samples',
        mime_type: 'application/json',
      },
    ],
  };
}
