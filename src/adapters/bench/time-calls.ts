import { setImmediate as nextTurn } from 'node:timers/promises';
import { PerformanceObserver } from 'node:perf_hooks';
import { Bench } from 'tinybench';
import { InternalError } from '../../core/errors.ts';
import type { FunctionMeasurement } from '../../core/ports/bench.ts';
import { quantile } from '../../core/stats/order-statistics.ts';
import { TIMING_MS } from './calibrate.ts';
import type { CallLoop } from './call-loop.ts';
import { startWarmUp } from './warm-up.ts';

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

/**
 * A side that became so many times faster than the calibration puts more calls into a timing: its timings would be so many that
 * keeping them took tens of MB (58 MB became 79, seen as memory that the change costs), and so short that the clock counted.
 */
const MUCH_SHORTER = 4;

/** The 10th percentile: as steady as the minimum, and not a single lucky timing (notes on statistics, section 2). */
const LOW = 0.1;

/**
 * Timing by tinybench, after a warm-up of our own; its samples are taken and its statistics left alone (they treat the timings of one
 * process as independent, which they are not).
 */
export async function timeCalls(loop: CallLoop, plan: TimingPlan): Promise<Timed> {
  const gc = watchGc();
  const calls = await warmUp(loop, plan);
  let opened = readCounters();
  let closed = opened;
  const bench = new Bench({
    time: plan.timedMs,
    iterations: FEWEST_TIMINGS,
    warmup: false,
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

/** Returns how many calls make a timing. */
async function warmUp(loop: CallLoop, { callsPerTiming, warmupMs }: TimingPlan): Promise<number> {
  const calls = Math.ceil(callsPerTiming / loop.inputs) * loop.inputs;
  let shortestMs = Infinity;
  const isWarm = startWarmUp(warmupMs, loop.isAsync);
  do {
    const startedAt = performance.now();
    if (loop.isAsync) await loop.run(calls);
    else loop.runSync(calls);
    shortestMs = Math.min(shortestMs, performance.now() - startedAt);
  } while (!isWarm());
  return shortestMs * MUCH_SHORTER < TIMING_MS ? calls * Math.ceil(TIMING_MS / shortestMs) : calls;
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
