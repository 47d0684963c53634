import type { TraceAnalysis, TracedRequest, TracedSpan } from '../trace/analyze.ts';
import { lostTo } from './call-groups.ts';
import { detectWaits } from './detect-waits.ts';
import type { Wait } from './detect-waits.ts';
import { percent } from './finding.ts';

/** Of the calls to one place, those that had to connect first. Connections that are kept make it a few of hundreds. */
const MOSTLY = 0.5;
const MIN_CONNECTS = 10;

/** Each call opens a connection of its own, with its handshakes, instead of using one that is open. */
export const newConnectionPerCall = detectWaits({
  id: 'new-connection-per-call',
  title: 'New connection for each call',
  layer: 'architecture',
  confirm:
    'Count the connections (ss -tn, or the log of the other side) during the load: with one agent or pool that keeps them, as many as are used at once must do.',
  find: (trace) => [...groupByTarget(trace)].map(([target, use]) => findConnecting(target, use)),
});

interface TargetUse {
  /** What was asked for over its connections. */
  calls: number;
  fresh: number;
  /** Connecting, and looking up the host for it. */
  readonly connects: Map<TracedRequest, TracedSpan[]>;
  readonly askers: TracedSpan[];
}

/** By origin of outbound calls ("http://localhost:9000"); databases by what their connect spans call themselves. */
function groupByTarget({ requests }: TraceAnalysis): ReadonlyMap<string, TargetUse> {
  const targets = new Map<string, TargetUse>();
  const useOf = (target: string): TargetUse => {
    const known = targets.get(target);
    if (known !== undefined) return known;
    const created: TargetUse = { calls: 0, fresh: 0, connects: new Map(), askers: [] };
    targets.set(target, created);
    return created;
  };
  for (const request of requests) {
    for (const call of request.spans) {
      if (call.background) continue;
      const { kind, name, freshConnection } = call.span;
      if (kind === 'outbound') {
        const use = useOf(originOf(name));
        use.calls += 1;
        if (freshConnection === true || call.children.some((child) => child.span.kind === 'connect')) {
          use.fresh += 1;
          use.askers.push(call);
        }
      } else if (kind === 'connect' || kind === 'dns') {
        const outbound = findAbove(call, 'outbound');
        if (kind === 'dns' && outbound === undefined && findAbove(call, 'connect') === undefined) continue;
        const use = useOf(outbound === undefined ? nameOfConnect(call) : originOf(outbound.span.name));
        const list = use.connects.get(request);
        if (list === undefined) use.connects.set(request, [call]);
        else list.push(call);
        if (outbound === undefined && kind === 'connect') {
          use.fresh += 1;
          use.askers.push(call, ...findFirstQuery(request, call));
        }
      }
    }
  }
  // A database has no calls to its name: it is asked once a request at least.
  for (const use of targets.values()) if (use.calls === 0) use.calls = requests.length;
  return targets;
}

function findConnecting(target: string, { calls, fresh, connects, askers }: TargetUse): Wait | null {
  if (fresh < MIN_CONNECTS || fresh < MOSTLY * calls) return null;
  return {
    lost: lostTo(connects),
    calls: askers.flatMap((asker) => [asker.span, ...asker.children.map(({ span }) => span)]),
    tell: ({ from }) => ({
      title: `${percent(Math.min(1, fresh / calls))} of the calls to ${target}${from} open a new connection`,
      most: 'high',
      reason: `${fresh} connections opened for ${calls} calls or requests`,
      signals: ['new-connection', `target:${target}`],
      detail:
        'counts the time until the connection was there; handshakes also cost CPU on both sides, and ports of closed connections stay taken for a minute',
    }),
  };
}

/** What a connection of a database was opened for: drivers connect where no code of the project is on the stack any more. */
function findFirstQuery({ spans }: TracedRequest, { endUs }: TracedSpan): readonly TracedSpan[] {
  return spans
    .filter(({ span, startUs }) => span.kind === 'query' && startUs >= endUs)
    .sort((a, b) => a.startUs - b.startUs)
    .slice(0, 1);
}

function originOf(name: string): string {
  return /^\S+\s+(\w+:\/\/[^/\s]+)/.exec(name)?.[1] ?? name;
}

function nameOfConnect(call: TracedSpan): string {
  const connect = call.span.kind === 'connect' ? call : (findAbove(call, 'connect') ?? call);
  return connect.span.name.replace(/^\w*connect\w*\s*:?\s*/i, '') || 'the database';
}

function findAbove(call: TracedSpan, kind: TracedSpan['span']['kind']): TracedSpan | undefined {
  let above = call.parent;
  while (above !== undefined && above.span.kind !== kind) above = above.parent;
  return above;
}
