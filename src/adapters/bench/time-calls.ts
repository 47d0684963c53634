import { setImmediate as nextTurn } from 'node:timers/promises';
import { PerformanceObserver } from 'node:perf_hooks';
import { Bench } from 'tinybench';
import { InternalError } from '../../core/errors.ts';
import type { FunctionMeasurement } from '../../core/ports/bench.ts';
import { quantile } from '../../core/stats/order-statistics.ts';
import type { CallLoop } from './call-loop.ts';

export interface TimingPlan {
  readonly callsPerTiming: number;
  readonly warmupMs: number;
  readonly timedMs: number;
  /** Awaited right before the timed calls and right after them. */
  readonly atEdge: (edge: 'opens' | 'closes') => Promise<void>;
}

export type Timed = Pick<
  FunctionMeasurement,
  'calls' | 'timings' | 'wallLowMs' | 'wallMedianMs' | 'windowMs' | 'cpuUs' | 'gcMs' | 'edgeToEdgeCpuUs'
>;

/** Slow functions are timed this often at least, however long that takes. */
const FEWEST_TIMINGS = 5;

/** The 10th percentile: as steady as the minimum, and not a single lucky timing (notes on statistics, section 2). */
const LOW = 0.1;

/**
 * Warm-up and timing by tinybench; its samples are taken and its statistics left alone (they treat the timings of one
 * process as independent, which they are not).
 */
export async function timeCalls(loop: CallLoop, plan: TimingPlan): Promise<Timed> {
  const cycles = Math.ceil(plan.callsPerTiming / loop.inputs);
  const calls = cycles * loop.inputs;
  const gc = watchGc();
  let opened = readCounters();
  let closed = opened;
  const bench = new Bench({
    time: plan.timedMs,
    iterations: FEWEST_TIMINGS,
    warmupTime: plan.warmupMs,
    warmupIterations: 1,
    retainSamples: true,
    throws: true,
  });
  // Returns nothing: tinybench would read a duration out of a returned object.
  const time = loop.isAsync
    ? async () => {
        await loop.run(calls);
      }
    : () => {
        loop.runSync(calls);
      };
  bench.add('function', time, {
    async: loop.isAsync,
    beforeAll: () => {
      opened = readCounters();
    },
    afterAll: () => {
      closed = readCounters();
    },
  });
  const task = bench.getTask('function');
  if (task === undefined) throw noSamples();

  if (loop.isAsync) await task.warmup();
  else task.warmupSync();
  await plan.atEdge('opens');
  const before = process.cpuUsage();
  if (loop.isAsync) await task.run();
  else task.runSync();
  const edgeToEdge = process.cpuUsage(before);
  await plan.atEdge('closes');

  const samples = 'latency' in task.result ? task.result.latency.samples : undefined;
  if (samples === undefined) throw noSamples();
  return {
    calls: samples.length * calls,
    timings: samples.length,
    wallLowMs: quantile(samples, LOW) / calls,
    wallMedianMs: quantile(samples, 0.5) / calls,
    windowMs: closed.atMs - opened.atMs,
    cpuUs: closed.cpuUs - opened.cpuUs,
    gcMs: await gc.between(opened.atMs, closed.atMs),
    edgeToEdgeCpuUs: edgeToEdge.user + edgeToEdge.system,
  };
}

function readCounters(): { readonly atMs: number; readonly cpuUs: number } {
  const { user, system } = process.cpuUsage();
  return { atMs: performance.now(), cpuUs: user + system };
}

function watchGc(): { between(fromMs: number, toMs: number): Promise<number> } {
  let entries: { readonly startTime: number; readonly duration: number }[] = [];
  const observer = new PerformanceObserver((list) => {
    entries = [...entries, ...list.getEntries()];
  });
  observer.observe({ entryTypes: ['gc'] });
  return {
    async between(fromMs, toMs) {
      // Node.js hands an entry over in a turn of the event loop after the collection; a sync window has none.
      await nextTurn();
      await nextTurn();
      entries = [...entries, ...observer.takeRecords()];
      observer.disconnect();
      const within = entries.filter(({ startTime }) => startTime >= fromMs && startTime < toMs);
      return within.reduce((sum, { duration }) => sum + duration, 0);
    },
  };
}

function noSamples(): InternalError {
  return new InternalError('internal', 'tinybench gave no samples.', { fix: 'Report this as a defect.' });
}
