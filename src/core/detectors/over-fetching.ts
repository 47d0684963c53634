import { lostUs } from '../trace/analyze.ts';
import type { TracedRequest } from '../trace/analyze.ts';
import type { Statement } from '../trace/model.ts';
import { groupCalls } from './call-groups.ts';
import type { Detector } from './detector.ts';
import { percent } from './finding.ts';
import {
  fromPlace,
  hasEnoughRequests,
  isWorthWaiting,
  judgeTrace,
  locateCalls,
  nameOfCall,
  shareOfRequests,
  waitingCeilingsOf,
} from './waiting.ts';

/** Executions that were looked at; the program may read other columns on another path. */
const MIN_EXECUTIONS = 3;
/** Of the values that came (rows × columns), those that nobody read. */
const MIN_UNUSED = 0.5;
/** A row of three columns of which one is read is no waste that anybody would notice. */
const MIN_VALUES_PER_EXECUTION = 20;

/** Queries whose rows or columns the program mostly doesn't look at. */
export const overFetching: Detector = {
  id: 'over-fetching',
  title: 'Rows or columns fetched and not used',
  names: 'wait',
  detect(input) {
    const { trace } = input;
    if (!hasEnoughRequests(trace)) return [];
    return groupCalls(trace, ['query']).flatMap((group) => {
      const use = trace.statementOf(group.example)?.use;
      const unused = use === undefined ? undefined : measureUnused(use);
      if (use === undefined || unused === undefined) return [];
      const calls = [...group.byRequest];
      // Time grows with what is sent; what a query costs before its first row stays, hence an upper bound.
      const lost = new Map<TracedRequest, number>(
        calls.map(([request, list]) => [request, unused.values * lostUs(request, list)]),
      );
      const share = shareOfRequests(trace, lost);
      if (!isWorthWaiting(share)) return [];
      const location = locateCalls(
        trace,
        calls.flatMap(([, list]) => list.map(({ span }) => span)),
      );
      return [
        {
          kind: overFetching.id,
          title: `${percent(unused.values)} of what ${nameOfCall(trace, group.example)}${fromPlace(location)} fetches is never read`,
          layer: 'data-access',
          location,
          share,
          ceilings: waitingCeilingsOf(input, trace, lost, ['cpu_us_per_request']),
          confidence: judgeTrace(
            trace,
            'medium',
            `reads were watched in ${use.executions} executions; that time grows with what is fetched is assumed`,
          ),
          signals: [
            'over-fetching',
            ...(unused.columns.length > 0 ? ['unused-columns'] : []),
            ...(unused.rows >= MIN_UNUSED ? ['unused-rows'] : []),
            ...unused.columns.slice(0, 8).map((column) => `column:${column}`),
          ],
          detail: [
            `${countPer(use.rows, use.executions)} rows per execution, ${countPer(use.rowsRead, use.executions)} of them read`,
            unused.columns.length === 0
              ? 'every column is read'
              : `${unused.columns.length} of ${use.columns.length} columns are never read: ${unused.columns.slice(0, 12).join(', ')}`,
          ].join('\n'),
          confirm:
            'Name the columns that are read, and limit the rows to those used: the answers must stay equal, and the query, its decoding and its garbage must shrink.',
        },
      ];
    });
  },
};

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
