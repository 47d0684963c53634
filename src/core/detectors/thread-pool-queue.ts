import type { TraceAnalysis } from '../trace/analyze.ts';
import type { Span } from '../trace/model.ts';
import { median } from './call-groups.ts';

/** What UV_THREADPOOL_SIZE is when nobody sets it (libuv, uv_queue_work). */
const DEFAULT_THREADS = 4;

/** What runs in libuv's pool. */
export const POOL_KINDS: readonly Span['kind'][] = ['task', 'file', 'dns'];

/** How the tasks of a trace found the pool of their process. */
export interface ThreadPoolQueue {
  readonly tasks: number;
  /** Of the tasks, those that found every thread taken, [0, 1]. */
  readonly crowded: number;
  /** Of the crowded ones, by the median: how many times as long as alone. */
  readonly stretch: number;
  /** The work that was done while every thread was taken, by what tasks take alone, as so many threads that never pause. */
  readonly work: number;
  /** Most that were open at once, and the threads of the pool where that was. */
  readonly most: number;
  readonly threads: number;
  readonly typicalAloneUs: number;
  /** What a task waited for a thread, as a share of the time until it was answered, [0, 1]. */
  readonly queuedShare: (task: Span) => number;
}

interface Task {
  readonly span: Span;
  readonly startUs: number;
  /** The earliest that it can have been done: its callback may have waited for the event loop after that. */
  readonly answeredUs: number;
  readonly aloneUs: number;
}

/**
 * A tracer sees when a task was asked for and when its callback ran; between them lie a wait for a thread, the task, and a
 * wait for the event loop. What the loop was late by is seen where it worked for other requests, and not where the whole
 * process had to wait for a core: then tasks of microseconds look open for as long as that, and `work` is next to nothing.
 *
 * @param aloneUs how long such a task takes when nothing is in its way
 */
export function queueForThreads(analysis: TraceAnalysis, aloneUs: (span: Span) => number): ThreadPoolQueue {
  const shares = new Map<Span, number>();
  const stretches: number[] = [];
  const sums = { tasks: 0, crowded: 0, fullUs: 0, workUs: 0 };
  let fullest = { most: 0, threads: DEFAULT_THREADS };
  for (const { threads, tasks } of groupByPool(analysis, aloneUs)) {
    const { arrivals, fullUs, workUs } = replay(tasks, threads);
    sums.tasks += tasks.length;
    sums.fullUs += fullUs;
    sums.workUs += workUs;
    for (const arrival of arrivals) {
      const { task, open } = arrival;
      if (open + 1 > fullest.most) fullest = { most: open + 1, threads };
      if (open < threads) continue;
      const tookUs = task.answeredUs - task.startUs;
      sums.crowded += 1;
      if (task.aloneUs > 0) stretches.push(tookUs / task.aloneUs);
      if (tookUs > 0) shares.set(task.span, waitedForThreadUs(arrival) / tookUs);
    }
  }
  return {
    tasks: sums.tasks,
    crowded: sums.tasks === 0 ? 0 : sums.crowded / sums.tasks,
    stretch: median(stretches),
    work: sums.fullUs === 0 ? 0 : sums.workUs / sums.fullUs,
    ...fullest,
    typicalAloneUs: typicalAloneUs(analysis, aloneUs),
    queuedShare: (task) => shares.get(task) ?? 0,
  };
}

interface Pool {
  readonly threads: number;
  /** In order of their start. */
  readonly tasks: readonly Task[];
}

/** One pool a process, whichever of its threads of JavaScript asks. */
function groupByPool({ trace, answeredUs }: TraceAnalysis, aloneUs: (span: Span) => number): readonly Pool[] {
  const pools = new Map<string, { threads: number; tasks: Task[] }>();
  for (const span of trace.spans) {
    if (!POOL_KINDS.includes(span.kind) || span.endUs === undefined) continue;
    const { service = '', poolThreads = DEFAULT_THREADS } = trace.threads[span.thread] ?? {};
    const pool = pools.get(service) ?? { threads: poolThreads, tasks: [] };
    pools.set(service, pool);
    pool.tasks.push({
      span,
      startUs: span.startUs,
      answeredUs: Math.max(span.startUs, answeredUs(span)),
      aloneUs: aloneUs(span),
    });
  }
  return [...pools.values()].map(({ threads, tasks }) => ({
    threads,
    tasks: tasks.sort((a, b) => a.startUs - b.startUs),
  }));
}

/** How a task found the pool when it was asked for. */
interface Arrival {
  readonly task: Task;
  /** Tasks before it that were not done. */
  readonly open: number;
  /** When so many of them were done that one of the threads was free. */
  readonly freeUs: number;
  /** What all of them take alone. */
  readonly aheadUs: number;
}

interface Replay {
  readonly arrivals: readonly Arrival[];
  /** While every thread was taken: for how long, and what the tasks that were done in it take alone. */
  readonly fullUs: number;
  readonly workUs: number;
}

/** The pool's day once more, from one start or end of a task to the next. */
function replay(tasks: readonly Task[], threads: number): Replay {
  const byEnd = [...tasks].sort((a, b) => a.answeredUs - b.answeredUs);
  const arrivals: Arrival[] = [];
  /** The latest ends so far, in order, at most one for each thread: one is free once the first of them is over. */
  const latest: number[] = [];
  let [open, over, atUs, aheadUs, fullUs, workUs] = [0, 0, 0, 0, 0, 0];
  const goOnTo = (untilUs: number): void => {
    for (let done = byEnd[over]; done !== undefined && done.answeredUs <= untilUs; done = byEnd[over]) {
      if (open >= threads) {
        fullUs += done.answeredUs - atUs;
        workUs += done.aloneUs;
      }
      atUs = done.answeredUs;
      aheadUs -= done.aloneUs;
      open -= 1;
      over += 1;
    }
    if (open >= threads) fullUs += untilUs - atUs;
    atUs = untilUs;
  };
  for (const task of tasks) {
    goOnTo(task.startUs);
    const freeUs = latest.length < threads ? task.startUs : (latest[0] ?? task.startUs);
    arrivals.push({ task, open, freeUs, aheadUs });
    open += 1;
    aheadUs += task.aloneUs;
    const at = latest.findIndex((end) => end > task.answeredUs);
    latest.splice(at < 0 ? latest.length : at, 0, task.answeredUs);
    if (latest.length > threads) latest.shift();
  }
  const last = byEnd.at(-1);
  if (last !== undefined) goOnTo(last.answeredUs);
  return { arrivals, fullUs, workUs };
}

/**
 * No longer than any of these says: tasks go in order, so until one of those before it had to be done for a thread to be
 * free; what all of them take, one after the other on one core; what it took longer than alone.
 */
function waitedForThreadUs({ task, freeUs, aheadUs }: Arrival): number {
  const longerUs = task.answeredUs - task.startUs - task.aloneUs;
  return Math.max(0, Math.min(freeUs - task.startUs, aheadUs, longerUs));
}

/** Of the kinds of task that there are, each once. */
function typicalAloneUs({ trace }: TraceAnalysis, aloneUs: (span: Span) => number): number {
  const byName = new Map<string, number>();
  for (const span of trace.spans) if (POOL_KINDS.includes(span.kind)) byName.set(span.name, aloneUs(span));
  return median([...byName.values()]);
}
