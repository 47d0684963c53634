/** Starting programs and being sure that they are gone. */
export interface ProcessSpec {
  /** Argument vector; never a shell. */
  readonly command: readonly string[];
  readonly cwd: string;
  /** The whole environment of the child; nothing is inherited beside it. */
  readonly env: Readonly<Record<string, string>>;
  /** Cores to pin to; ignored with a warning where the platform cannot. */
  readonly cpus?: readonly number[];
  /** Written to stdin, piece by piece, which is then closed. Absent: stdin stays open, so that a child can notice our end. */
  readonly input?: string | AsyncIterable<string>;
  /** How much of stdout and stderr is kept, in bytes each (the tail). Default 64 KiB. */
  readonly keepBytes?: number;
  /** Called for each line of either stream. */
  readonly onLine?: (line: string, stream: 'stdout' | 'stderr') => void;
}

export interface ProcessExit {
  readonly code: number | null;
  readonly signal: string | null;
  /** Set when the program could not be started at all. */
  readonly startError?: string;
}

export interface TreeUsage {
  /** User and system CPU of the process and all its descendants since each started, in µs. */
  readonly cpuUs: number;
  readonly rssBytes: number;
  readonly pids: readonly number[];
}

/** The living processes of a tree beside its root. */
export type Descendants = Pick<TreeUsage, 'rssBytes' | 'pids'>;

export interface ManagedProcess {
  readonly pid: number | undefined;
  /** Resolves when the process itself has ended; never rejects. */
  readonly exited: Promise<ProcessExit>;
  /** Tail of what it printed. */
  output(): { readonly stdout: string; readonly stderr: string };
  usage(): Promise<TreeUsage>;
  /** What the process has started and is alive now, after its own end too. */
  descendants(): Promise<Descendants>;
  /** Ends the whole tree: asks (SIGTERM), waits `graceMs` (default 300), kills. Resolves when nothing of it is left. */
  kill(graceMs?: number): Promise<void>;
}

export interface CommandResult extends ProcessExit {
  readonly stdout: string;
  readonly stderr: string;
  readonly timedOut: boolean;
  readonly durationMs: number;
}

/** From the call on. */
export interface RunLimits {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

export interface Processes {
  spawn(spec: ProcessSpec): ManagedProcess;
  /** Runs to the end, or kills the tree at the limit or when the signal aborts. Rejects only for an abort. */
  run(spec: ProcessSpec, limits: RunLimits): Promise<CommandResult>;
  /** The same for a process that was spawned before. */
  finish(child: ManagedProcess, limits: RunLimits): Promise<CommandResult>;
  /** Kills every tree that was started here and is still alive. */
  killAll(): Promise<void>;
  /**
   * Kills what runs of an earlier server left behind, found by their mark in the environment, and removes their temporary
   * directories, found by their names (core/temporary-names.ts); returns how many processes there were.
   */
  reap(runIds: readonly string[]): Promise<number>;
  /** True where `cpus` has an effect. */
  readonly canPin: boolean;
}
