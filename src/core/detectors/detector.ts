import type { DatabaseFacts } from '../database/model.ts';
import type { MemoryFacts } from '../memory/model.ts';
import type { Bottleneck, Location } from '../model/evidence.ts';
import type { MetricName } from '../model/metrics.ts';
import type { ProfileAnalysis } from '../profile/analyze.ts';
import type { TraceAnalysis } from '../trace/analyze.ts';
import type { RuntimeSummary } from './runtime-summary.ts';
import type { SweptFact } from './swept.ts';

/** A bottleneck before the run gives it an id, a rank and its evidence. */
export type Finding = Omit<
  Bottleneck,
  'id' | 'run_id' | 'baseline_id' | 'workload' | 'rank' | 'evidence_ids' | 'created_at'
>;

/** What ceilings are computed from; every part may be unknown. */
export interface LoadFacts {
  /** False where an operation is no request (a call, a command, a statement). */
  readonly hasRequests?: boolean;
  /** CPU of the target in the closed loop, as a share of one core (1.2 = more than one core). */
  readonly busyShareOfCore: number | null;
  readonly cpuUsPerRequest: number | null;
  /** Open-loop arrival rate. */
  readonly ratePerS: number | null;
  /** Open-loop latencies by metric name, in ms. */
  readonly latencyMs: Readonly<Partial<Record<MetricName, number>>>;
}

export interface DetectorInput {
  /** Taken with V8's inlining off: names the callee that really took the time. Shares come from here. */
  readonly attribution: ProfileAnalysis;
  /** Taken without that: what the program is like when nobody looks so closely. Used to doubt the other one. */
  readonly plain?: ProfileAnalysis;
  /** Sampled from outside of a program of Node.js: what machine code runs under its functions. */
  readonly native?: ProfileAnalysis;
  /** What requests did and waited for; absent where nothing was traced. */
  readonly trace?: TraceAnalysis;
  /**
   * The same while all connections of the workload ask at once: for queues that the usual load doesn't make. Of whatever
   * the thread itself does and waits for it shows too much, because recording keeps the thread busy as well.
   */
  readonly crowded?: TraceAnalysis;
  readonly runtime: RuntimeSummary | null;
  readonly load: LoadFacts;
  /** Cores that the target could use. */
  readonly cores: number;
  /** Metrics of the workload's objectives, the primary one first. */
  readonly metrics: readonly MetricName[];
  /**
   * Lines of source files by the file name that findings show. V8 gives the time of JSON, sort and regular
   * expressions to the line that calls them, so only the text of a hot line tells what it does.
   */
  readonly sources: ReadonlyMap<string, readonly string[]>;
  readonly memory?: MemoryFacts;
  readonly database?: DatabaseFacts;
  /** The newest stored sweep of each dimension. */
  readonly sweeps?: readonly SweptFact[];
}

export interface Detector {
  readonly id: string;
  readonly title: string;
  /**
   * What its findings name. `work`: a kind of work in a function, with a remedy of its own; replaces a `function`
   * finding of the same place. `function`: a function that costs. `line`: the line of it that does; replaces it, and
   * gives way to `work`. `wait`: what requests wait for, and why.
   * `process`: a cause without a place. `symptom`: what the causes lead to; ranked after them.
   */
  readonly names: 'work' | 'line' | 'function' | 'wait' | 'process' | 'symptom';
  detect(input: DetectorInput): readonly Finding[];
  /**
   * The cost that a finding of this detector blames, in other evidence: however small it is by now. Null when this
   * evidence cannot tell. Absent where the cost has no place or is no share of busy CPU time.
   */
  readonly measureAt?: (input: DetectorInput, location: Location) => BlamedCost | null;
}

/** Shares are of busy CPU time, [0, 1]. */
export interface BlamedCost {
  readonly share: number;
  /** With everything that it calls: work that only moved into a callee shows here. */
  readonly shareWithCallees: number;
}

/** Below this share of busy time nothing is worth a finding: its ceiling is within the noise of a validation. */
export const SHARE_THRESHOLD = 0.05;

/** Fewer busy samples say nothing: one of 30 has an interval of [0.6 %, 17 %]. */
export const MIN_BUSY_SAMPLES = 30;

/** What findings of waiting are a share of. */
export const SHARE_OF_REQUEST_TIME = 'time of the requests';

/** As many at once as the workload has connections, which is how throughput is measured. */
export const SHARE_UNDER_FULL_LOAD = `${SHARE_OF_REQUEST_TIME} under full load`;

export const SHARE_OF_BUSY = 'busy CPU samples of the target';
