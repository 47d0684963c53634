import type { MetricName } from '../core/model/metrics.ts';
import { METRICS } from '../core/model/metrics.ts';
import { foreignName } from './foreign-text.ts';
import { formatMetric } from './number.ts';

type Row = object;

interface LoopSummary {
  readonly goals: { readonly workloads: readonly unknown[] } | null;
  readonly baselines: readonly unknown[];
  readonly tally: readonly { readonly decision: string | null; readonly n: number }[];
  readonly budgets: readonly unknown[];
  readonly way: readonly Way[];
}

interface Way {
  readonly workload: string;
  readonly metric: MetricName;
  readonly first: Estimated;
  readonly latest: Estimated;
  readonly kept: { readonly experiment_id: string; readonly value: number } | null;
}

interface Estimated {
  readonly id: string;
  readonly estimates: Readonly<Partial<Record<MetricName, { readonly value: number }>>>;
}

const DECISIONS = [
  ['keep', 'kept'],
  ['revert', 'reverted'],
  ['defer', 'deferred'],
  [null, 'undecided'],
] as const;

interface LedgerLine {
  readonly baseline_id: string;
  readonly attempts: number;
  readonly candidates: number;
}

/** "3 kept, 2 reverted. list-posts: latency p95 412 ms → 187 ms": what an agent that lost its context has to know first. */
export function summarizeLoop(state: LoopSummary): string {
  if (state.goals === null) return 'Nothing yet: no goals are defined.';
  const tried = state.tally.reduce((sum, { n }) => sum + n, 0);
  const decided = DECISIONS.flatMap(([decision, word]) => {
    const n = state.tally.reduce((sum, row) => (row.decision === decision ? sum + row.n : sum), 0);
    return n === 0 ? [] : [`${n} ${word}`];
  });
  const experiments = tried === 0 ? 'nothing tried yet' : `${tried} experiment(s): ${decided.join(', ')}`;
  const ways = state.way.flatMap(describeWay).join('; ');
  return `${state.goals.workloads.length} workload(s), ${state.baselines.length} baseline(s), ${experiments}, ${state.budgets.length} budget(s).${ways === '' ? '' : ` ${ways}.`}`;
}

/** From the first baseline to now: what was kept since the latest one counts, and says that no baseline has shown it yet. */
function describeWay({ workload, metric, first, latest, kept }: Way): readonly string[] {
  if (first.id === latest.id && !kept) return [];
  const before = first.estimates[metric]?.value;
  const after = kept?.value ?? latest.estimates[metric]?.value;
  if (before === undefined || after === undefined) return [];
  const source = kept ? ` (experiment ${kept.experiment_id}, kept; no baseline since)` : '';
  return [
    `${workload}: ${METRICS[metric].title} ${formatMetric(metric, before)} → ${formatMetric(metric, after)}${source}`,
  ];
}

/** "baseline base_1: 5 comparisons of 4 candidates; the next gain must show twice" */
function describeLedger({ baseline_id, attempts, candidates }: LedgerLine): string {
  return `ledger ${baseline_id} | ${attempts} comparison(s) of ${candidates} candidate(s); the next gain of another candidate must show in a fresh run too`;
}

/** One line a record; details by its id. */
export function describeLoop(history: {
  readonly baselines: readonly Row[];
  readonly bottlenecks: readonly Row[];
  readonly experiments: readonly Row[];
  readonly ledger: readonly LedgerLine[];
  readonly decisions: readonly Row[];
  readonly budgets: readonly Row[];
  readonly runs: readonly Row[];
}): string {
  return [
    ...lines('baseline', history.baselines, ['id', 'workload', 'snapshot_id', 'samples', 'created_at']),
    ...lines('bottleneck', history.bottlenecks, ['id', 'workload', 'title']),
    ...lines('experiment', history.experiments, ['id', 'verdict', 'decision', 'hypothesis', 'reason']),
    ...history.ledger.map(describeLedger),
    ...lines('decision', history.decisions, ['id', 'title']),
    ...lines('budget', history.budgets, ['id', 'max', 'min']),
    ...lines('run', history.runs, ['id', 'tool', 'state', 'progress', 'error']),
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
