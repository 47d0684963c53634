import type { ObservationScope, Observation } from '../../core/behaviour/model.ts';
import type { WindowEdge } from '../../core/ports/load.ts';
import type {
  FunctionCalibration,
  FunctionMeasurement,
  FunctionMeasurementPlan,
  FunctionPlan,
} from '../../core/ports/bench.ts';

/**
 * What server and harness say to each other: one JSON object a line, over a Unix socket (a named pipe on Windows). Not
 * over stdout, where the measured module may print what it likes.
 */

export interface Job extends Pick<FunctionPlan, 'module' | 'export' | 'args' | 'size' | 'warmupMs'> {
  /** The module or the generator is TypeScript: loaded through this file's hooks. */
  readonly typescript: string | null;
}

/** Not over the socket but in the argument vector: nobody measures this process, and the probe speaks for it. */
export type EndlessPlan = Job & { readonly task: 'endless' };

export type ObserveJob = Job & {
  readonly task: 'observe';
  /** Inputs are made for each of them; one undefined: the generator gets none. */
  readonly sizes: readonly (number | null)[];
  readonly scope: ObservationScope;
};

export type ChildPlan =
  | ObserveJob
  | (Job & { readonly task: 'calibrate' })
  | (Job & { readonly task: 'measure' } & Pick<FunctionMeasurementPlan, 'callsPerTiming' | 'timedMs'>);

/** From the server: the plan first, then leave to go on after each message. */
export type ServerMessage = { readonly type: 'plan'; readonly plan: ChildPlan } | { readonly type: 'go' };

/** Who is to blame, in our words; `detail` is what the measured program said. */
export type Failure =
  | { readonly stage: 'import'; readonly detail: string }
  | { readonly stage: 'export'; readonly problem: string; readonly detail: string }
  | { readonly stage: 'arguments'; readonly problem: string; readonly detail: string }
  | { readonly stage: 'call'; readonly input: number; readonly inputs: number; readonly detail: string };

export type ChildMessage =
  | { readonly type: 'window'; readonly edge: WindowEdge }
  | { readonly type: 'observed'; readonly observation: Observation }
  | { readonly type: 'observed all'; readonly extent: number }
  | { readonly type: 'calibrated'; readonly result: FunctionCalibration }
  | { readonly type: 'measured'; readonly result: FunctionMeasurement }
  | { readonly type: 'failed'; readonly failure: Failure };

/** Before a plan in the argument vector, where otherwise the socket's path stands. */
export const ENDLESS_ARGUMENT = '--endless';
