import { lostUs, shapeOf } from '../trace/analyze.ts';
import type { TraceAnalysis, TracedRequest } from '../trace/analyze.ts';
import type { Span } from '../trace/model.ts';
import { groupCalls } from './call-groups.ts';
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

/** What UV_THREADPOOL_SIZE is when nobody sets it (libuv, uv_queue_work). */
const DEFAULT_THREADS = 4;
/** Of the tasks, those that found the pool full. */
const MIN_CROWDED = 0.3;
/** How much longer a task in a full pool takes than one alone; less comes from sharing cores and disks. */
const MIN_STRETCH = 2;
const MIN_TASKS = 20;

const POOL_KINDS: readonly Span['kind'][] = ['task', 'file', 'dns'];

/** Files, look-ups of hosts, crypto and compression share four threads; more at once wait for one of them. */
export const threadPoolSaturated: Detector = {
  id: 'thread-pool-saturated',
  title: 'Thread pool of libuv saturated',
  names: 'wait',
  detect(input) {
    const { trace } = input;
    if (!hasEnoughRequests(trace)) return [];
    const crowd = measureCrowd(trace);
    if (crowd === undefined) return [];
    const groups = groupCalls(trace, POOL_KINDS);
    const lost = new Map<TracedRequest, number>();
    for (const { byRequest, example } of groups) {
      const alone = crowd.aloneUs.get(shapeOf(example)) ?? 0;
      for (const [request, calls] of byRequest) {
        const waited = calls.reduce((sum, call) => {
          const duration = call.endUs - call.startUs;
          const inQueue = duration > 0 ? Math.max(0, 1 - alone / duration) : 0;
          return sum + inQueue * lostUs(request, [call]);
        }, 0);
        lost.set(request, (lost.get(request) ?? 0) + waited);
      }
    }
    const share = shareOfRequests(trace, lost);
    if (!isWorthWaiting(share)) return [];
    const heaviest = [...groups].sort((a, b) => weightOf(b.byRequest) - weightOf(a.byRequest))[0];
    const location =
      heaviest === undefined
        ? {}
        : locateCalls(
            trace,
            [...heaviest.byRequest.values()].flatMap((calls) => calls.map(({ span }) => span)),
          );
    const name = heaviest?.example.name ?? 'tasks';
    return [
      {
        kind: threadPoolSaturated.id,
        title: `The thread pool is full for ${percent(crowd.crowded)} of its tasks, mostly ${name}${fromPlace(location)}: each takes ${crowd.stretch.toFixed(1)} times as long as alone`,
        layer: 'infrastructure',
        location,
        share,
        ceilings: waitingCeilingsOf(input, trace, lost),
        confidence: judgeTrace(
          trace,
          'medium',
          `${crowd.tasks} tasks, up to ${crowd.most} at once; that the queue and not the disk or the cores makes them slow is inferred`,
        ),
        signals: ['thread-pool', `at-once:${crowd.most}`, `task:${name}`],
        detail: `a task alone takes ${msText(crowd.typicalAloneUs)}; ${crowd.most} were open at once, and the pool has ${DEFAULT_THREADS} threads unless UV_THREADPOOL_SIZE says otherwise`,
        confirm:
          'Start with UV_THREADPOOL_SIZE=16 under the same load: shorter tasks confirm the queue, equal ones mean that cores or the disk are the limit.',
      },
    ];
  },
};

function weightOf(byRequest: ReadonlyMap<TracedRequest, readonly { readonly index: number }[]>): number {
  let sum = 0;
  for (const [request, calls] of byRequest)
    for (const { index } of calls) sum += request.waitedUs[index] ?? 0;
  return sum;
}

function measureCrowd({ trace, usualUs }: TraceAnalysis) {
  const ended = trace.spans.flatMap((span) =>
    POOL_KINDS.includes(span.kind) && span.endUs !== undefined
      ? [{ span, service: trace.threads[span.thread]?.service, startUs: span.startUs, endUs: span.endUs }]
      : [],
  );
  if (ended.length < MIN_TASKS) return undefined;
  // One pool a process. Open ones at each start, by two pointers over starts and ends in order.
  const stretches: number[] = [];
  const aloneUs = new Map<string, number>();
  let crowded = 0;
  let most = 0;
  for (const service of new Set(ended.map((task) => task.service))) {
    const tasks = ended.filter((task) => task.service === service).sort((a, b) => a.startUs - b.startUs);
    const ends = tasks.map(({ endUs }) => endUs).sort((a, b) => a - b);
    let over = 0;
    for (const [begun, { span, startUs, endUs }] of tasks.entries()) {
      while ((ends[over] ?? Infinity) <= startUs) over += 1;
      const open = begun - over;
      most = Math.max(most, open + 1);
      const alone = usualUs(span);
      aloneUs.set(shapeOf(span), alone);
      if (open < DEFAULT_THREADS) continue;
      crowded += 1;
      if (alone > 0) stretches.push((endUs - startUs) / alone);
    }
  }
  const stretch = middle(stretches);
  if (crowded < MIN_CROWDED * ended.length || stretch < MIN_STRETCH) return undefined;
  return {
    tasks: ended.length,
    crowded: crowded / ended.length,
    most,
    stretch,
    aloneUs,
    typicalAloneUs: middle([...aloneUs.values()]),
  };
}

function middle(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
