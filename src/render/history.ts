import type { MetricName } from '../core/model/metrics.ts';
import { METRICS } from '../core/model/metrics.ts';
import { foreignName } from './foreign-text.ts';
import { formatMetric } from './number.ts';

type Row = object;

interface LoopSummary {
  readonly goals: { readonly workloads: readonly unknown[] } | null;
  readonly baselines: readonly unknown[];
  readonly experiments: readonly { readonly verdict: string; readonly decision: string | null }[];
  readonly experimentCount: number;
  readonly budgets: readonly unknown[];
  readonly way: readonly Way[];
}

interface Way {
  readonly workload: string;
  readonly first: Estimated;
  readonly latest: Estimated;
}

interface Estimated {
  readonly id: string;
  readonly objectives: readonly { readonly metric: MetricName }[];
  readonly estimates: Readonly<Partial<Record<MetricName, { readonly value: number }>>>;
}

/** "3 kept, 2 reverted; latency p95 412 ms -> 187 ms": what an agent that lost its context has to know first. */
export function summarizeLoop(state: LoopSummary): string {
  if (state.goals === null) return 'Nothing yet: no goals are defined.';
  const decided = (kind: string) => state.experiments.filter((e) => e.decision === kind).length;
  const open = state.experiments.filter((e) => e.decision === null).length;
  const experiments =
    state.experimentCount === 0
      ? 'nothing tried yet'
      : `${state.experimentCount} experiment(s): ${decided('keep')} kept, ${decided('revert')} reverted, ${decided('defer')} deferred, ${open} undecided`;
  const ways = state.way.flatMap(describeWay).join('; ');
  return `${state.goals.workloads.length} workload(s), ${state.baselines.length} baseline(s), ${experiments}, ${state.budgets.length} budget(s).${ways === '' ? '' : ` ${ways}.`}`;
}

function describeWay({ workload, first, latest }: Way): readonly string[] {
  if (first.id === latest.id) return [];
  const metric = latest.objectives[0]?.metric ?? 'cpu_us_per_request';
  const [before, after] = [first.estimates[metric]?.value, latest.estimates[metric]?.value];
  if (before === undefined || after === undefined) return [];
  return [
    `${workload}: ${METRICS[metric].title} ${formatMetric(metric, before)} -> ${formatMetric(metric, after)}`,
  ];
}

/** One line a record; details by its id. */
export function describeLoop(history: {
  readonly baselines: readonly Row[];
  readonly bottlenecks: readonly Row[];
  readonly experiments: readonly Row[];
  readonly decisions: readonly Row[];
  readonly budgets: readonly Row[];
  readonly runs: readonly Row[];
}): string {
  return [
    ...lines('baseline', history.baselines, ['id', 'workload', 'snapshot_id', 'samples', 'created_at']),
    ...lines('bottleneck', history.bottlenecks, ['id', 'workload', 'title']),
    ...lines('experiment', history.experiments, ['id', 'verdict', 'decision', 'hypothesis']),
    ...lines('decision', history.decisions, ['id', 'title']),
    ...lines('budget', history.budgets, ['id', 'max', 'min']),
    ...lines('run', history.runs, ['id', 'tool', 'state', 'progress']),
  ].join('\n');
}

function lines(kind: string, rows: readonly Row[], fields: readonly string[]): readonly string[] {
  return rows.map((row) => {
    const values = new Map(Object.entries(row) as [string, unknown][]);
    const shown = fields.flatMap((field) => describeField(field, values.get(field)));
    return `${kind} ${shown.join(' | ')}`;
  });
}

function describeField(field: string, value: unknown): readonly string[] {
  if (value === undefined || value === '') return [];
  if (value === null) return field === 'decision' ? ['undecided'] : [];
  const text = foreignName(typeof value === 'string' ? value : JSON.stringify(value));
  if (field === 'samples') return [`${text} processes`];
  return [field === 'max' || field === 'min' ? `${field} ${text}` : text];
}
