import type { Bottleneck, Ceiling } from '../core/model/evidence.ts';
import { METRICS, type MetricName } from '../core/model/metrics.ts';
import { foreignName } from './foreign-text.ts';
import { formatMetric, formatShare, formatValue } from './number.ts';

type Row = Pick<Bottleneck, 'kind' | 'title' | 'layer' | 'location' | 'share' | 'confidence' | 'confirm'> & {
  readonly ceilings: readonly Pick<Ceiling, 'metric' | 'gain'>[];
  readonly bottleneck_id: string;
  readonly symptoms?: readonly string[] | undefined;
};

export function describeBottlenecks(bottlenecks: readonly Row[]): string {
  return bottlenecks
    .map((b, index) => {
      const [low, high] = b.share.interval;
      const ceilings = b.ceilings.map((c) => `${titleOf(c.metric)} ${formatShare(c.gain)}`).join(', ');
      return [
        `${index + 1}. ${foreignName(b.title)} [${b.bottleneck_id}, ${b.kind}]`,
        `   ${formatShare(b.share.value)} [${formatShare(low)}, ${formatShare(high)}] of ${b.share.of}, n=${b.share.n}; confidence ${b.confidence.level}: ${foreignName(b.confidence.reason, 200)}`,
        ...(ceilings === '' ? [] : [`   can gain at most: ${ceilings}`]),
        ...(b.symptoms === undefined || b.symptoms.length === 0
          ? []
          : [`   explains: ${b.symptoms.map((title) => foreignName(title, 120)).join('; ')}`]),
        `   confirm: ${foreignName(b.confirm, 240)}`,
      ].join('\n');
    })
    .join('\n');
}

function titleOf(metric: string): string {
  return metric in METRICS ? METRICS[metric as MetricName].title : metric;
}

export interface FunctionLine {
  readonly function: string;
  readonly file: string | null;
  readonly line: number | null;
  readonly package: string | null;
  readonly self_share: number;
  readonly own_share: number;
  readonly total_share: number;
  readonly cumulative_share?: number;
}

/** own = self and the built-ins that it called; total = with everything below it. */
export function describeFunctions(functions: readonly FunctionLine[]): string {
  if (functions.length === 0) return '';
  const rows = functions.map((f) => {
    const cumulative = f.cumulative_share === undefined ? '' : ` ${pad(formatShare(f.cumulative_share))}`;
    return `${pad(formatShare(f.self_share))} ${pad(formatShare(f.own_share))} ${pad(formatShare(f.total_share))}${cumulative}  ${place(f)}`;
  });
  const sum = functions[0]?.cumulative_share === undefined ? '' : ` ${pad('sum own')}`;
  return [`${pad('self')} ${pad('own')} ${pad('total')}${sum}  function`, ...rows].join('\n');
}

export function place(f: {
  readonly function: string;
  readonly file: string | null;
  readonly line: number | null;
}): string {
  const where = f.file === null ? '' : ` (${foreignName(f.file)}${f.line === null ? '' : `:${f.line}`})`;
  return `${foreignName(f.function, 80)}${where}`;
}

function pad(text: string): string {
  return text.padStart(7);
}

type Shares = Readonly<Record<string, number>>;

/** Where the time of a request goes, of usual ones and of the slowest; what is left is said as such. */
export function describeRequestTime(
  time: {
    readonly requests: number;
    readonly mean_ms: number;
    readonly p50: Shares;
    readonly p99: Shares;
  } | null,
): string {
  if (time === null) return '';
  return [
    `time of a request (${time.requests} traced, mean ${formatValue(time.mean_ms, 'ms')}): ${describeShares(time.p50)}`,
    `of the slowest 1 %: ${describeShares(time.p99)}`,
  ].join('\n');
}

/** Heaviest first; parts below 1 % would be noise on a line. */
export function describeShares(shares: Shares): string {
  return Object.entries(shares)
    .filter(([part, share]) => share >= 0.01 && part !== 'other')
    .sort(([, a], [, b]) => b - a)
    .concat([['unexplained', shares['other'] ?? 0]])
    .map(([part, share]) => `${part} ${formatShare(share)}`)
    .join(', ');
}

export function describeCoverage(result: {
  readonly coverage: Readonly<Record<string, number>>;
  readonly runtime: { readonly gc_share: number | null; readonly event_loop_delay_p99_ms: number | null };
  readonly busy_samples: number;
}): string {
  const parts = Object.entries(result.coverage).map(([kind, share]) => `${kind} ${formatShare(share)}`);
  const { gc_share, event_loop_delay_p99_ms } = result.runtime;
  // Nothing was profiled.
  if (result.busy_samples === 0 && gc_share === null && event_loop_delay_p99_ms === null) return '';
  return [
    `busy time (${result.busy_samples} samples): ${parts.join(', ')}`,
    `without a profiler: GC ${gc_share === null ? 'not measured' : formatShare(gc_share)}, event-loop delay p99 ${event_loop_delay_p99_ms === null ? 'not measured' : formatMetric('event_loop_delay_p99_ms', event_loop_delay_p99_ms)}`,
  ].join('\n');
}
