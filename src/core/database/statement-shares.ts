import { seededRandom } from '../random.ts';
import { quantile } from '../stats/order-statistics.ts';
import type { Span, Trace } from '../trace/model.ts';
import type { StatementShare } from './model.ts';

/** Of the bootstrap; its own error on a bound is then some hundredths of the width. */
const RESAMPLES = 400;
const SEED = 20_26;

interface RequestTime {
  readonly totalUs: number;
  readonly byStatement: ReadonlyMap<number, { us: number; count: number }>;
}

/**
 * What each statement takes of the time of the requests, by fingerprint. Executions of one statement that run at the same time
 * count once: a request waits for the slowest of them. The interval is a bootstrap over requests, which are what was sampled;
 * spans of one request are alike.
 */
export function shareStatements(trace: Trace): ReadonlyMap<string, StatementShare> {
  const requests = timeRequests(trace);
  const random = seededRandom(SEED);
  const shares = new Map<string, StatementShare>();
  const total = requests.reduce((sum, { totalUs }) => sum + totalUs, 0);
  if (total === 0) return shares;
  const resamples = Array.from({ length: RESAMPLES }, () => requests.map(() => random.int(requests.length)));
  for (const [index, { fingerprint }] of trace.statements.entries()) {
    const count = requests.reduce((sum, { byStatement }) => sum + (byStatement.get(index)?.count ?? 0), 0);
    if (count === 0) continue;
    const ratios = resamples.map((picked) => {
      let own = 0;
      let all = 0;
      for (const at of picked) {
        own += requests[at]?.byStatement.get(index)?.us ?? 0;
        all += requests[at]?.totalUs ?? 0;
      }
      return all > 0 ? own / all : 0;
    });
    const value =
      requests.reduce((sum, { byStatement }) => sum + (byStatement.get(index)?.us ?? 0), 0) / total;
    shares.set(fingerprint, {
      value,
      interval: [Math.min(value, quantile(ratios, 0.025)), Math.max(value, quantile(ratios, 0.975))],
      requests: requests.length,
      perRequest: count / requests.length,
    });
  }
  return shares;
}

function timeRequests({ spans }: Trace): readonly RequestTime[] {
  const queries = new Map<string, Span[]>();
  for (const span of spans) {
    if (span.statement === undefined || span.trace === undefined || span.endUs === undefined) continue;
    const own = queries.get(span.trace) ?? [];
    own.push(span);
    queries.set(span.trace, own);
  }
  return spans
    .filter(({ kind, parent, endUs }) => kind === 'request' && parent === undefined && endUs !== undefined)
    .map((request) => ({
      totalUs: Math.max(0, (request.endUs ?? 0) - request.startUs),
      byStatement: addUp(request, queries.get(request.trace ?? '') ?? []),
    }));
}

/** Spans are in order of their start. */
function addUp(request: Span, queries: readonly Span[]): RequestTime['byStatement'] {
  const sums = new Map<number, { us: number; count: number; until: number }>();
  for (const { statement = -1, startUs, endUs = startUs } of queries) {
    const sum = sums.get(statement) ?? { us: 0, count: 0, until: request.startUs };
    const from = Math.max(startUs, sum.until);
    const to = Math.min(endUs, request.endUs ?? endUs);
    sums.set(statement, {
      us: sum.us + Math.max(0, to - from),
      count: sum.count + 1,
      until: Math.max(sum.until, to),
    });
  }
  return sums;
}
