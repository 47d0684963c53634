import type { Behaviour, ObservationScope } from '../../core/behaviour/model.ts';
import type { EffortPlan } from '../../core/efforts.ts';
import type { AppliedLoad, Estimates, Sample } from '../../core/model/measurement.ts';
import type { MetricName } from '../../core/model/metrics.ts';
import type { Argv } from '../../core/model/goals.ts';
import type { Warning } from '../../core/model/warning.ts';
import type { Ports } from '../../core/ports/index.ts';
import type { HeapsAfterLoad } from '../../core/memory/readings.ts';
import type { NativeRecording } from '../../core/ports/native-profiler.ts';
import type { OtlpSpan } from '../../core/trace/otlp-span.ts';
import type { QueryPlan } from '../../core/ports/queries.ts';
import type { RuntimeWindow, ThreadProfile, ThreadTrace } from '../../core/ports/target.ts';

/** Where and how one process of a workload is run. */
export interface MeasureContext {
  readonly runId: string;
  /** Absolute path of the checkout that it runs in. */
  readonly directory: string;
  /** Absolute path of the project itself, for what a checkout only links to. */
  readonly projectDirectory: string;
  readonly plan: EffortPlan;
  readonly signal: AbortSignal;
  /** Of the input, where a sweep varies it and the kind takes it through its load. */
  readonly size?: number;
}

export interface SampleContext extends MeasureContext {
  readonly load: AppliedLoad;
  /** Of everything random in a sample (order of requests, of inputs); the same for both sides of a block. */
  readonly seed: number;
}

export interface ProfileContext extends SampleContext {
  /** `attribution`: V8's inlining is off, so that the profile names the callee. */
  readonly probe: 'profile' | 'attribution';
}

export interface MemoryCapture {
  /** After each of several equal loads; the one that warms up is left out. */
  readonly loads: readonly HeapsAfterLoad[];
  /** Sampling heap profiles of what was allocated in those loads and is alive after them. */
  readonly live: readonly ThreadProfile[];
  /** Of everything that was allocated in one more load. */
  readonly allocated: readonly ThreadProfile[];
  readonly allocationOperations: number;
}

/** What a workload that is one statement executes. */
export type WorkloadStatement = Pick<QueryPlan, 'database' | 'sql' | 'params'>;

export interface BehaveContext extends SampleContext {
  readonly scope: ObservationScope;
}

export interface SettledLoad {
  readonly load: AppliedLoad;
  /** Operations a second in the calibrating process; null when nothing had to be calibrated. */
  readonly capacityRps: number | null;
  /** About how long one sample takes, where settling told: short ones get more blocks. */
  readonly sampleMs?: number;
}

/** What one fresh process gave. */
export type ProcessSample = Omit<Sample, 'side' | 'block' | 'position'> & {
  /** What the probes of Node.js processes saw at a given rate, not at saturation; empty without probes. */
  readonly openWindows: readonly RuntimeWindow[];
};

/** What was seen of the requests of a load. */
export interface TraceCapture {
  /** By our tracer, in processes of Node.js. */
  readonly threads: readonly ThreadTrace[];
  /** The same, while all connections of the workload ask at once. */
  readonly crowded: readonly ThreadTrace[];
  /** That the program sent of itself over OTLP, in any language; those of the load alone. */
  readonly spans: readonly OtlpSpan[];
  /** OTLP spans that were too many, and bodies that could not be read. */
  readonly lost: number;
}

/** How a kind of workload is measured, bound to one workload of it. Adding a kind is one such file and a line in index.ts. */
export interface Measurer {
  /** The commands that measuring runs beside `setup`: nothing runs that nobody approved. */
  readonly commands: readonly Argv[];
  /** Decides a verdict where the goals name nothing that does. */
  readonly defaultPrimary: MetricName;
  /** The environment of `setup` and of the program, beside the server's own. */
  readonly env: Readonly<Record<string, string>>;
  /** Set where both sides of a comparison would be the same program: why a change cannot be judged. */
  readonly incomparable?: string;
  /** Files of the project, beside its code, that decide what is measured. */
  readonly inputFiles?: readonly string[];
  /** Fixes, once for a baseline, what both sides of every comparison must share. */
  settle(ports: Ports, context: MeasureContext): Promise<SettledLoad>;
  /** What the load, with what was measured under it, says about the result. */
  readonly warnings?: (load: AppliedLoad, estimates: Estimates) => readonly Warning[];
  /** Runs one fresh process. Rejects with TargetError when the program is to blame: its block is then dropped. */
  sample(ports: Ports, context: SampleContext): Promise<ProcessSample>;
  /** One fresh process that is looked at and never timed: what it answers, returns or writes. */
  behave(ports: Ports, context: BehaveContext): Promise<Behaviour>;
  /** For its plan. Absent where a kind runs programs, whose statements are found by tracing. */
  readonly statement?: WorkloadStatement;
  /** One fresh process under a CPU profiler, never timed. Absent where a kind cannot be profiled. */
  readonly profile?: (ports: Ports, context: ProfileContext) => Promise<readonly ThreadProfile[]>;
  /** One fresh process, sampled from outside, never timed; rejects where no sampler is there. Absent where a kind has no process of its own to look at. */
  readonly native?: (ports: Ports, context: SampleContext) => Promise<NativeRecording>;
  /** One fresh process, traced at a rate that it bears, never timed. Absent where a kind has no requests. */
  readonly trace?: (ports: Ports, context: SampleContext) => Promise<TraceCapture>;
  /** One fresh process whose heap is read between equal loads, never timed; null when no probe told of it. Absent where a kind cannot do that. */
  readonly memory?: (ports: Ports, context: SampleContext) => Promise<MemoryCapture | null>;
}
