import type { FunctionCalibration } from '../../core/ports/bench.ts';
import type { CallLoop } from './call-loop.ts';
import { startWarmUp } from './warm-up.ts';

/**
 * Of one timing, in ms. The clock and the harness around a timing cost about 0.2 µs, so less than 0.1 % of it; and short
 * enough that most timings hold no collection and no interruption, which is what a low quantile looks for.
 */
export const TIMING_MS = 0.25;
/** Estimates of one batch: the shortest is the one that nothing disturbed. */
const TRIALS = 5;
/** A call of this length, in ms, is a timing by itself, and need not be tried again. */
const LONG_MS = 100;
/** How much longer a batch may get in one step: early estimates are of code that is not optimized yet. */
const STEEPEST = 10;

/** Warms the function up, then lengthens the batch until it takes as long as a timing should. */
export async function calibrate(loop: CallLoop, warmupMs: number): Promise<FunctionCalibration> {
  const runCycles = async (cycles: number): Promise<number> => {
    const startedAt = performance.now();
    if (loop.isAsync) await loop.run(cycles * loop.inputs);
    else loop.runSync(cycles * loop.inputs);
    return performance.now() - startedAt;
  };
  let cycles = 1;
  for (const isWarm = startWarmUp(warmupMs, loop.isAsync); !isWarm();) {
    if ((await runCycles(cycles)) < TIMING_MS) cycles *= 2;
  }
  cycles = 1;
  for (;;) {
    let shortestMs = await runCycles(cycles);
    for (let trial = 1; trial < TRIALS && shortestMs < LONG_MS; trial++) {
      shortestMs = Math.min(shortestMs, await runCycles(cycles));
    }
    if (shortestMs >= TIMING_MS) {
      const callsPerTiming = cycles * loop.inputs;
      return { inputs: loop.inputs, callsPerTiming, msPerCall: shortestMs / callsPerTiming };
    }
    const missing = TIMING_MS / Math.max(shortestMs, TIMING_MS / STEEPEST);
    cycles = Math.ceil(cycles * Math.max(1.1, missing));
  }
}
