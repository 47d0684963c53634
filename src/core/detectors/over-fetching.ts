import { lostUs } from '../trace/analyze.ts';
import type { TraceAnalysis } from '../trace/analyze.ts';
import type { Statement } from '../trace/model.ts';
import { groupCalls, lostTo, spansOf } from './call-groups.ts';
import type { CallGroup } from './call-groups.ts';
import { detectWaits } from './detect-waits.ts';
import type { Wait } from './detect-waits.ts';
import { percent } from './finding.ts';
import { nameOfCall } from './waiting.ts';

/** Executions that were looked at; the program may read other columns on another path. */
const MIN_EXECUTIONS = 3;
/** Of the values that came (rows × columns), those that nobody read. */
const MIN_UNUSED = 0.5;
/** A row of three columns of which one is read is no waste that anybody would notice. */
const MIN_VALUES_PER_EXECUTION = 20;

/** Queries whose rows or columns the program mostly doesn't look at. */
export const overFetching = detectWaits({
  id: 'over-fetching',
  title: 'Rows or columns fetched and not used',
  layer: 'data-access',
  confirm:
    'Name the columns that are read, and limit the rows to those used: the answers must stay equal, and the query, its decoding and its garbage must shrink.',
  find: (trace) => groupCalls(trace, ['query']).map((group) => findUnused(trace, group)),
});

function findUnused(trace: TraceAnalysis, { example, byRequest }: CallGroup): Wait | null {
  const use = trace.statementOf(example)?.use;
  const unused = use === undefined ? undefined : measureUnused(use);
  if (use === undefined || unused === undefined) return null;
  const { columns } = unused;
  return {
    // Time grows with what is sent; what a query costs before its first row stays, hence an upper bound.
    lost: lostTo(byRequest, (request, list) => unused.values * lostUs(request, list)),
    calls: spansOf(byRequest),
    tell: ({ from }) => ({
      title: `${percent(unused.values)} of what ${nameOfCall(trace, example)}${from} fetches is never read`,
      most: 'medium',
      reason: `reads were watched in ${use.executions} executions; that time grows with what is fetched is assumed`,
      signals: [
        'over-fetching',
        ...(columns.length > 0 ? ['unused-columns'] : []),
        ...(unused.rows >= MIN_UNUSED ? ['unused-rows'] : []),
        ...columns.slice(0, 8).map((column) => `column:${column}`),
      ],
      detail: [
        `${countPer(use.rows, use.executions)} rows per execution, ${countPer(use.rowsRead, use.executions)} of them read`,
        columns.length === 0
          ? 'every column is read'
          : `${columns.length} of ${use.columns.length} columns are never read: ${columns.slice(0, 12).join(', ')}`,
      ].join('\n'),
    }),
  };
}

function measureUnused(use: NonNullable<Statement['use']>) {
  const read = new Set(use.columnsRead);
  const columns = use.columns.filter((column) => !read.has(column));
  const values = use.rows * use.columns.length;
  if (use.executions < MIN_EXECUTIONS || values < MIN_VALUES_PER_EXECUTION * use.executions) return undefined;
  const usedRows = Math.min(1, use.rowsRead / use.rows);
  const unused = 1 - usedRows * (1 - columns.length / use.columns.length);
  return unused < MIN_UNUSED ? undefined : { values: unused, rows: 1 - usedRows, columns };
}

function countPer(total: number, executions: number): string {
  const mean = total / executions;
  return mean >= 10 ? String(Math.round(mean)) : mean.toFixed(1).replace(/\.0$/, '');
}
