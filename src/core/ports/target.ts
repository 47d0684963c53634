import type { Ready } from '../model/goals.ts';
import type { ProcessExit, TreeUsage } from './processes.ts';

/** A program under measurement: started fresh, probed, stopped with everything it started. */
export interface TargetSpec {
  readonly command: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly ready: Ready;
  /** What it speaks on its port, default http; certificates are not checked, it is this machine. */
  readonly scheme?: 'http' | 'https';
  readonly timeoutMs: number;
  readonly cpus?: readonly number[];
  /**
   * What the probe in Node.js processes of the target is for. `telemetry`: counters only, light enough to be timed.
   * `profile`: source maps are on too. `attribution`: V8's inlining is off as well, so that a profile names the callee.
   * `trace`: database drivers, HTTP and files are patched before the program's first module is loaded.
   * `native`: no probe; Node.js tells samplers outside which JavaScript its machine code is, from its start on.
   */
  readonly probe: 'none' | 'telemetry' | 'profile' | 'attribution' | 'trace' | 'native';
  /** Marks every process of the target in its environment, so that a later start can find what was left. */
  readonly runId: string;
}

/** What the probe of one thread saw in a window. */
export interface RuntimeWindow {
  readonly pid: number;
  readonly threadId: number;
  readonly durationMs: number;
  /** Event-loop delay above the sampling resolution, in ms; null when no timer fired. */
  readonly eventLoopDelay: { readonly p50Ms: number; readonly p99Ms: number; readonly maxMs: number } | null;
  /** Share of the window in which the event loop was busy, [0, 1]. */
  readonly eventLoopUtilization: number;
  readonly gcMs: {
    readonly minor: number;
    readonly major: number;
    readonly incremental: number;
    readonly weakcb: number;
  };
  /** Of the whole process: do not add it up over threads. */
  readonly processCpuUs: number;
  readonly heapUsedBytes: number;
  readonly rssBytes: number;
  /** On this thread's heap, garbage included; null before Node.js 18.15. */
  readonly allocatedBytes: number | null;
  /** HTTP requests that this thread sent. */
  readonly outboundCalls: number;
  /** HTTP requests that this thread's servers began to answer; null where it sent no query and no call that they belong to. */
  readonly inboundRequests: number | null;
  /** Statements and commands sent to a database by a driver that the probe knows; null when none was loaded. */
  readonly queries: number | null;
  /** Sockets, timers and the like that keep the event loop alive; null before Node.js 17.3. */
  readonly activeHandles: number | null;
}

export interface ThreadProfile {
  readonly pid: number;
  readonly threadId: number;
  /** The .cpuprofile (or .heapprofile), as V8 writes it, with positions mapped through source maps. */
  readonly content: string;
}

export interface ThreadTrace {
  readonly pid: number;
  readonly threadId: number;
  /** As the tracer wrote it; for core/trace/read-tracer.ts. */
  readonly content: string;
}

/** How allocations are sampled. */
export interface HeapSampling {
  /** Mean distance of the samples. */
  readonly intervalBytes: number;
  /** `live`: only what is still alive when it stops is told. `all`: what was collected meanwhile too, the rate of allocation. */
  readonly objects: 'live' | 'all';
}

/** What one thread keeps: read right after a full collection. */
export interface RetainedHeap {
  readonly pid: number;
  readonly threadId: number;
  readonly heapUsedBytes: number;
  /** Memory outside of the heap that objects hold (Buffers). */
  readonly externalBytes: number;
  /** Sockets, timers and the like that keep the event loop alive; null before Node.js 17.3. */
  readonly activeHandles: number | null;
  /** HTTP requests that this thread's servers began to answer since it started. */
  readonly inboundRequests: number;
}

export interface Target {
  readonly origin: string;
  readonly port: number;
  readonly pid: number;
  /** From spawn to ready, in ms. */
  readonly startupMs: number;
  readonly exited: Promise<ProcessExit>;
  usage(): Promise<TreeUsage>;
  output(): { readonly stdout: string; readonly stderr: string };
  /** Probes that have said hello and are still connected (one for each thread of each Node.js process). */
  probeCount(): number;
  /** Opens a window in every probe. */
  openWindow(): Promise<void>;
  /** Closes the window and returns what each probe saw. */
  closeWindow(): Promise<readonly RuntimeWindow[]>;
  startProfile(options: { readonly intervalUs: number }): Promise<void>;
  /** Stops the profilers; one profile for each thread that ran JavaScript of its own. */
  stopProfile(): Promise<readonly ThreadProfile[]>;
  /** Begins to record, in a target that was started with the probe `trace`; what was under way already is left out. */
  startTrace(): Promise<void>;
  /** Stops recording; what each thread saw. */
  stopTrace(): Promise<readonly ThreadTrace[]>;
  startHeapSampling(options: HeapSampling): Promise<void>;
  /** Stops it; one .heapprofile, as V8 writes it, for each thread that allocated in JavaScript of its own, mapped as profiles are. */
  stopHeapSampling(): Promise<readonly ThreadProfile[]>;
  /** Makes every thread collect its garbage, all of it. Not to be asked while anything is timed. */
  heapAfterGc(): Promise<readonly RetainedHeap[]>;
  /** Ends the whole tree and forgets its probes. */
  stop(): Promise<void>;
}

export interface Targets {
  /** Rejects with TargetError start_failed, never_ready or listens_elsewhere; then nothing is left running. */
  start(spec: TargetSpec, signal: AbortSignal): Promise<Target>;
}
