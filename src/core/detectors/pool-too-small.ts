import type { TraceAnalysis, TracedRequest } from '../trace/analyze.ts';
import { groupCalls, lostTo, median, spansOf } from './call-groups.ts';
import type { CallGroup } from './call-groups.ts';
import { detectWaits } from './detect-waits.ts';
import type { Wait } from './detect-waits.ts';
import { percent } from './finding.ts';
import { nameRequests } from './share-of-requests.ts';
import { msText } from './waiting.ts';

/** With this few connections nearly any load queues, however short they are held. */
const VERY_FEW = 2;

/** Requests wait for a connection of a pool: there are too few of them, or each is held too long. */
export const poolTooSmall = detectWaits({
  id: 'pool-too-small',
  title: 'Waiting for a connection of the pool',
  layer: 'infrastructure',
  confirm:
    'Double the pool under the same load: if the wait goes and the queries stay as fast, it was too small; if the queries become slower, the database is the limit.',
  ofCrowds: 'always',
  // Whatever the size of a pool, a crowd may be larger: there only one that is too small for any counts.
  find: (trace, calm) =>
    trace === calm || isVerySmall(trace)
      ? groupCalls(trace, ['pool-wait']).map((group) => findPool(trace, group))
      : [],
});

function findPool(trace: TraceAnalysis, { byRequest }: CallGroup): Wait {
  return {
    lost: lostTo(byRequest),
    calls: spansOf(byRequest),
    tell: ({ share, from }) => {
      const connections = countConnections(trace);
      const atOnce = countAtOnce(trace.requests);
      const held = median(
        trace.requests.flatMap(({ spans }) =>
          spans.flatMap(({ span, startUs, endUs }) => (span.kind === 'query' ? [endUs - startUs] : [])),
        ),
      );
      const few = isVerySmall(trace);
      return {
        title: `${nameRequests(share)} wait ${percent(share.value)} of their time for a connection of the pool (${connections === 0 ? 'size unknown' : `${connections} seen`}, ${atOnce} requests at once)`,
        most: few ? 'high' : 'medium',
        reason: few
          ? `${connections} connection(s) for ${atOnce} requests at once`
          : 'the wait is measured; whether the pool is too small or its connections are held too long is not',
        signals: ['pool', `connections:${connections}`, ...(few ? ['very-few-connections'] : [])],
        detail: `${percent(byRequest.size / trace.requests.length)} of the requests ask this pool${from}; a query takes ${msText(held)} (median)`,
      };
    },
  };
}

function isVerySmall(trace: TraceAnalysis): boolean {
  const connections = countConnections(trace);
  return connections > 0 && connections <= VERY_FEW && connections < countAtOnce(trace.requests);
}

function countConnections({ requests }: TraceAnalysis): number {
  const seen = new Set<string>();
  for (const { spans } of requests)
    for (const { span } of spans) {
      if (span.connection !== undefined && span.kind === 'query') seen.add(span.connection);
    }
  return seen.size;
}

/** The most requests that were open together. */
function countAtOnce(requests: readonly TracedRequest[]): number {
  const changes = requests
    .flatMap(({ span, durationUs }) => [
      { atUs: span.startUs, by: 1 },
      { atUs: span.startUs + durationUs, by: -1 },
    ])
    .sort((a, b) => a.atUs - b.atUs || a.by - b.by);
  let open = 0;
  let most = 0;
  for (const { by } of changes) most = Math.max(most, (open += by));
  return most;
}
