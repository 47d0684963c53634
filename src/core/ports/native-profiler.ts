/** What a sampler outside of the program wrote; for core/importers. */
export interface NativeRecording {
  readonly producer: 'perf' | 'py-spy';
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

/** Samplers that look at a program from outside: for languages without a probe, and for native code under JavaScript. */
export interface NativeProfiler {
  /** Samples for the duration. Rejects with EnvironmentError native_profiler_unavailable. */
  record(request: NativeRecordingRequest): Promise<NativeRecording>;
}
