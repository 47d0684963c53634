import { shapeOf } from '../trace/analyze.ts';
import type { TraceAnalysis, TracedRequest, TracedSpan } from '../trace/analyze.ts';
import type { Span } from '../trace/model.ts';
import { groupCalls, median, spansOf } from './call-groups.ts';
import type { CallsByRequest } from './call-groups.ts';
import { detectWaits } from './detect-waits.ts';
import type { Wait } from './detect-waits.ts';
import { percent } from './finding.ts';
import { msText } from './waiting.ts';

/** What UV_THREADPOOL_SIZE is when nobody sets it (libuv, uv_queue_work). */
const DEFAULT_THREADS = 4;
/** Of the tasks, those that found the pool full. */
const MIN_CROWDED = 0.3;
/** How much longer a task in a full pool takes than one alone; less comes from sharing cores and disks. */
const MIN_STRETCH = 2;
const MIN_TASKS = 20;

const POOL_KINDS: readonly Span['kind'][] = ['task', 'file', 'dns'];

/** Files, look-ups of hosts, crypto and compression share four threads; more at once wait for one of them. */
export const threadPoolSaturated = detectWaits({
  id: 'thread-pool-saturated',
  title: 'Thread pool of libuv saturated',
  layer: 'infrastructure',
  ofCrowds: 'for-capacity',
  confirm:
    'Start with UV_THREADPOOL_SIZE=16 under the same load: shorter tasks confirm the queue, equal ones mean that cores or the disk are the limit.',
  find: (trace, calm) => {
    const aloneUs = (span: Span) => calm.usualUs(span) || trace.usualUs(span);
    const crowd = measureCrowd(trace, aloneUs);
    return crowd === undefined ? [] : [findQueue(trace, crowd, aloneUs)];
  },
});

function findQueue(trace: TraceAnalysis, crowd: Crowd, aloneUs: (span: Span) => number): Wait {
  const groups = groupCalls(trace, POOL_KINDS);
  const lost = new Map<TracedRequest, number>();
  for (const { byRequest } of groups) {
    for (const [request, calls] of byRequest) {
      const inQueue = calls.reduce((sum, call) => sum + queuedForPool(request, call, aloneUs), 0);
      lost.set(request, (lost.get(request) ?? 0) + inQueue);
    }
  }
  const [heaviest] = [...groups].sort((a, b) => waitedFor(b.byRequest) - waitedFor(a.byRequest));
  const name = heaviest?.example.name ?? 'tasks';
  return {
    lost,
    calls: heaviest === undefined ? [] : spansOf(heaviest.byRequest),
    tell: ({ share, from }) => ({
      title: `The thread pool is full for ${percent(crowd.crowded)} of its tasks, mostly ${name}${from}: each takes ${crowd.stretch.toFixed(1)} times as long as alone, ${percent(share.value)} of the ${share.of}`,
      most: 'medium',
      reason: `${crowd.tasks} tasks, up to ${crowd.most} at once; that the queue and not the disk or the cores makes them slow is inferred`,
      signals: ['thread-pool', `at-once:${crowd.most}`, `task:${name}`],
      detail: `a task alone takes ${msText(crowd.typicalAloneUs)}; ${crowd.most} were open at once, and the pool has ${DEFAULT_THREADS} threads unless UV_THREADPOOL_SIZE says otherwise`,
    }),
  };
}

/** What of the wait for a task was more than it takes alone; that its answer lay there is not for the pool to answer for. */
function queuedForPool(request: TracedRequest, call: TracedSpan, aloneUs: (span: Span) => number): number {
  const duration = call.endUs - call.startUs;
  if (duration <= 0) return 0;
  return Math.max(0, 1 - aloneUs(call.span) / duration) * (request.waitedUs[call.index] ?? 0);
}

function waitedFor(byRequest: CallsByRequest): number {
  let sum = 0;
  for (const [request, calls] of byRequest)
    for (const { index } of calls) sum += request.waitedUs[index] ?? 0;
  return sum;
}

interface Crowd {
  readonly tasks: number;
  /** Of the tasks, those that found the pool full. */
  readonly crowded: number;
  readonly most: number;
  /** How many times as long as alone a task takes that found it full. */
  readonly stretch: number;
  readonly typicalAloneUs: number;
}

function measureCrowd({ trace }: TraceAnalysis, aloneUs: (span: Span) => number): Crowd | undefined {
  const ended = trace.spans.flatMap((span) =>
    POOL_KINDS.includes(span.kind) && span.endUs !== undefined
      ? [{ span, service: trace.threads[span.thread]?.service, startUs: span.startUs, endUs: span.endUs }]
      : [],
  );
  if (ended.length < MIN_TASKS) return undefined;
  // One pool a process. Open ones at each start, by two pointers over starts and ends in order.
  const stretches: number[] = [];
  const alone = new Map<string, number>();
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
      const usual = aloneUs(span);
      alone.set(shapeOf(span), usual);
      if (open < DEFAULT_THREADS) continue;
      crowded += 1;
      if (usual > 0) stretches.push((endUs - startUs) / usual);
    }
  }
  const stretch = median(stretches);
  if (crowded < MIN_CROWDED * ended.length || stretch < MIN_STRETCH) return undefined;
  return {
    tasks: ended.length,
    crowded: crowded / ended.length,
    most,
    stretch,
    typicalAloneUs: median([...alone.values()]),
  };
}
