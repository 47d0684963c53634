import { lostUs } from '../trace/analyze.ts';
import type { TraceAnalysis, TracedRequest } from '../trace/analyze.ts';
import { groupCalls, median } from './call-groups.ts';
import type { Detector } from './detector.ts';
import { percent } from './finding.ts';
import {
  fromPlace,
  hasEnoughRequests,
  isWorthWaiting,
  judgeTrace,
  locateCalls,
  msText,
  shareOfRequests,
  waitingCeilingsOf,
} from './waiting.ts';

/** With this few connections nearly any load queues, however short they are held. */
const VERY_FEW = 2;

/** Requests wait for a connection of a pool: there are too few of them, or each is held too long. */
export const poolTooSmall: Detector = {
  id: 'pool-too-small',
  title: 'Waiting for a connection of the pool',
  names: 'wait',
  detect(input) {
    const { trace } = input;
    if (!hasEnoughRequests(trace)) return [];
    return groupCalls(trace, ['pool-wait']).flatMap((group) => {
      const waits = [...group.byRequest];
      const lost = new Map<TracedRequest, number>(
        waits.map(([request, list]) => [request, lostUs(request, list)]),
      );
      const share = shareOfRequests(trace, lost);
      if (!isWorthWaiting(share)) return [];
      const connections = countConnections(trace);
      const atOnce = countAtOnce(trace.requests);
      const location = locateCalls(
        trace,
        waits.flatMap(([, list]) => list.map(({ span }) => span)),
      );
      const held = median(
        trace.requests.flatMap(({ spans }) =>
          spans.flatMap(({ span, startUs, endUs }) => (span.kind === 'query' ? [endUs - startUs] : [])),
        ),
      );
      const few = connections > 0 && connections <= VERY_FEW && connections < atOnce;
      return [
        {
          kind: poolTooSmall.id,
          title: `Requests wait ${percent(share.value)} of their time for a connection of the pool (${connections === 0 ? 'size unknown' : `${connections} seen`}, ${atOnce} requests at once)`,
          layer: 'infrastructure',
          location,
          share,
          ceilings: waitingCeilingsOf(input, trace, lost),
          confidence: judgeTrace(
            trace,
            few ? 'high' : 'medium',
            few
              ? `${connections} connection(s) for ${atOnce} requests at once`
              : 'the wait is measured; whether the pool is too small or its connections are held too long is not',
          ),
          signals: ['pool', `connections:${connections}`, ...(few ? ['very-few-connections'] : [])],
          detail: `${percent(waits.length / trace.requests.length)} of the requests ask this pool${fromPlace(location)}; a query takes ${msText(held)} (median)`,
          confirm:
            'Double the pool under the same load: if the wait goes and the queries stay as fast, it was too small; if the queries become slower, the database is the limit.',
        },
      ];
    });
  },
};

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
