import type { TraceAnalysis, TracedRequest, TracedSpan } from '../trace/analyze.ts';
import { groupCalls, spansOf } from './call-groups.ts';
import type { CallsByRequest } from './call-groups.ts';
import { detectWaits } from './detect-waits.ts';
import type { Wait } from './detect-waits.ts';
import { percent } from './finding.ts';
import { POOL_KINDS, queueForThreads } from './thread-pool-queue.ts';
import type { ThreadPoolQueue } from './thread-pool-queue.ts';
import { countText, msText } from './waiting.ts';

/** Of the tasks, those that found the pool full. */
const MIN_CROWDED = 0.3;
/** How much longer a task in a full pool takes than one alone; less comes from sharing cores and disks. */
const MIN_STRETCH = 2;
/**
 * Threads' worth of work in a full pool: all of them where tasks wait for a disk or a network, the cores that it gets where
 * they compute. Measured: 0.9 for compression on a shared core or two; 0.4 for fs.stat, which is mostly handing over, and 0.1
 * for the same on a machine with a load of 12: there it is not threads that are missing.
 */
const MIN_WORK = 0.5;
const MIN_TASKS = 20;

/** Files, look-ups of hosts, crypto and compression share four threads; more at once wait for one of them. */
export const threadPoolSaturated = detectWaits({
  id: 'thread-pool-saturated',
  title: 'Thread pool of libuv saturated',
  layer: 'infrastructure',
  ofCrowds: 'for-capacity',
  confirm:
    'Start with UV_THREADPOOL_SIZE=16 under the same load: shorter tasks confirm the queue, equal ones mean that cores or the disk are the limit.',
  find: (trace, calm) => {
    const queue = queueForThreads(trace, (span) => calm.usualUs(span) || trace.usualUs(span));
    return isSaturated(queue) ? [tellQueue(trace, queue)] : [];
  },
});

function isSaturated({ tasks, crowded, stretch, work }: ThreadPoolQueue): boolean {
  return tasks >= MIN_TASKS && crowded >= MIN_CROWDED && stretch >= MIN_STRETCH && work >= MIN_WORK;
}

function tellQueue(trace: TraceAnalysis, queue: ThreadPoolQueue): Wait {
  const groups = groupCalls(trace, POOL_KINDS);
  const lost = new Map<TracedRequest, number>();
  for (const { byRequest } of groups) {
    for (const [request, calls] of byRequest) {
      const inQueue = calls.reduce((sum, call) => sum + queuedUs(request, call, queue), 0);
      lost.set(request, (lost.get(request) ?? 0) + inQueue);
    }
  }
  const [heaviest] = [...groups].sort((a, b) => waitedFor(b.byRequest) - waitedFor(a.byRequest));
  const name = heaviest?.example.name ?? 'tasks';
  const { tasks, most, threads } = queue;
  return {
    lost,
    calls: heaviest === undefined ? [] : spansOf(heaviest.byRequest),
    tell: ({ share, from }) => ({
      title: `The thread pool is full for ${percent(queue.crowded)} of its tasks, mostly ${name}${from}: each takes ${queue.stretch.toFixed(1)} times as long as alone, ${percent(share.value)} of the ${share.of}`,
      most: 'medium',
      reason: `${tasks} tasks, up to ${most} at once for ${threads} threads; that the queue and not the disk or the cores makes them slow is inferred`,
      signals: ['thread-pool', `at-once:${most}`, `task:${name}`],
      detail: `a task alone takes ${msText(queue.typicalAloneUs)}; ${most} were open at once, and the pool has ${threads} threads; while it was full, the work of ${countText(queue.work)} of them was done`,
    }),
  };
}

/** What of a request's wait for a task was for a thread; that its answer lay there is not for the pool to answer for. */
function queuedUs(request: TracedRequest, { span, index }: TracedSpan, { queuedShare }: ThreadPoolQueue) {
  return queuedShare(span) * (request.waitedUs[index] ?? 0);
}

function waitedFor(byRequest: CallsByRequest): number {
  let sum = 0;
  for (const [request, calls] of byRequest)
    for (const { index } of calls) sum += request.waitedUs[index] ?? 0;
  return sum;
}
