import type { Behaviour, ObservationScope } from '../behaviour/model.ts';
import type { FunctionWorkload } from '../model/workloads/function.ts';
import type { WindowEdge } from './load.ts';

/** One fresh Node.js process that calls one exported function. */
export interface FunctionPlan {
  /** Name of the workload, for messages. */
  readonly workload: string;
  /** Absolute path of the checkout that the process runs in; the paths below are relative to it. */
  readonly directory: string;
  readonly module: string;
  /** "a.b" reaches into an exported object, which is then the function's `this`. */
  readonly export: string;
  readonly args?: NonNullable<FunctionWorkload['args']>;
  /** Given to a generator of arguments. */
  readonly size?: number;
  /** The whole environment of the process, as in `ProcessSpec`. */
  readonly env: Readonly<Record<string, string>>;
  readonly nodeArgs: readonly string[];
  readonly cpus?: readonly number[];
  readonly warmupMs: number;
  /** Of the whole process; past it, its tree is killed. */
  readonly timeoutMs: number;
  /** Marks the process, as `TargetSpec.runId` does. */
  readonly runId: string;
}

export interface FunctionCalibration {
  /** Arguments arrays that the calls cycle through. */
  readonly inputs: number;
  /** A whole number of cycles through the inputs. */
  readonly callsPerTiming: number;
  readonly msPerCall: number;
}

export interface FunctionMeasurementPlan extends FunctionPlan {
  /** Rounded up to whole cycles through the inputs, so that no timing holds the cheap ones only. */
  readonly callsPerTiming: number;
  readonly timedMs: number;
  /** Called when the timed window opens and closes; the process waits until it resolves. */
  readonly onWindow: (edge: WindowEdge) => Promise<void>;
}

export interface FunctionObservePlan extends FunctionPlan {
  /** Inputs are made for each of them, the last one being that which is measured; empty where the generator gets none. */
  readonly sizes: readonly number[];
  readonly scope: ObservationScope;
}

/** What one process gave. Times are of one call: a timing divided by the calls in it. */
export interface FunctionMeasurement {
  readonly calls: number;
  readonly timings: number;
  readonly wallLowMs: number;
  readonly wallMedianMs: number;
  /** Of the timed calls alone. */
  readonly windowMs: number;
  /** Of the process with all its threads in `windowMs`. */
  readonly cpuUs: number;
  readonly gcMs: number;
  /** Of the process between the two edges of the window, the harness's own work included. */
  readonly edgeToEdgeCpuUs: number;
  /** High-water mark of the process until the window closed; children that the function starts are not in it. */
  readonly rssPeakBytes: number;
  /** On the heap and in array buffers, garbage included. */
  readonly allocatedBytesPerCall: number;
  /** Loading the module with everything that it imports. */
  readonly importMs: number;
  /** Inputs made anew differ from those that were called with; null when that was too slow to be looked at. */
  readonly inputsChanged: boolean | null;
}

/** What starts a process that calls the function again and again until it is ended, for a profiler to look at. */
export interface EndlessCalls {
  /** The program listens on its port (`TargetSpec`) when every input was called with once. */
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Times functions, each time in a process of its own. Rejects with TargetError function_failed when the module, the
 * arguments or the function is to blame; then nothing is left running.
 */
export interface FunctionBench {
  /** Finds how many calls make a timing that is far above the clock's grain. */
  calibrate(plan: FunctionPlan, signal: AbortSignal): Promise<FunctionCalibration>;
  measure(plan: FunctionMeasurementPlan, signal: AbortSignal): Promise<FunctionMeasurement>;
  /**
   * Results, thrown errors (name and message) and changed arguments, by structure, each input called with once and the first
   * ones twice. What a call throws is an observation and no failure.
   */
  observe(plan: FunctionObservePlan, signal: AbortSignal): Promise<Behaviour>;
  endlessCalls(plan: FunctionPlan): EndlessCalls;
}
