/** What a sampler that is not V8's wrote; for core/importers. */
export interface NativeRecording {
  readonly producer: 'perf' | 'py-spy' | 'signals in Python' | 'a sampler in Python';
  /** The text of perf script, or collapsed stacks. */
  readonly content: string;
  /** What another sampler would have told, and how to get it; null where nothing is missing. */
  readonly missing: { readonly message: string; readonly fix: string } | null;
}

export interface NativeRecordingRequest {
  /** The processes of the program, its first one first. */
  readonly pids: readonly number[];
  readonly durationMs: number;
  readonly signal: AbortSignal;
}

export interface SampledProgram {
  readonly command: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** A program that ends by itself, about to be started by a sampler. */
export interface SampledRun {
  /** To be run in place of the program's own; it runs the program, and ends as that does. */
  readonly command: readonly string[];
  /** In place of the program's own. */
  readonly env: Readonly<Record<string, string>>;
  /** What was seen, once it has ended. Rejects with EnvironmentError native_profiler_unavailable. */
  read(signal: AbortSignal): Promise<NativeRecording>;
  /** Removes what the sampler wrote. */
  close(): Promise<void>;
}

/** A service that is about to be started and will be sampled while it runs. */
export interface SampledService {
  /** In place of the program's own, at its start: a sampler may have to be in it from then on, where it waits and costs nothing. */
  readonly env: Readonly<Record<string, string>>;
  /** Samples for the duration, once. Rejects with EnvironmentError native_profiler_unavailable. */
  record(request: NativeRecordingRequest): Promise<NativeRecording>;
  /** Removes what the sampler wrote. */
  close(): Promise<void>;
}

/** Samplers that look at a program without a probe: for other languages, and for native code under JavaScript. */
export interface NativeProfiler {
  /** @param env the service's own environment */
  beside(env: Readonly<Record<string, string>>): Promise<SampledService>;
  /** Looks whether a sampler may be used at all, since a program that it cannot start would be to blame. Rejects as `record` does. */
  around(program: SampledProgram, signal: AbortSignal): Promise<SampledRun>;
}
