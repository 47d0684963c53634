import type { ObservationScope, Value } from '../behaviour/model.ts';
import type { ProcessExit } from './processes.ts';

/**
 * One run of a command. It may use every core that we may: on a part of them the wall time of a parallel program would be that
 * of another program, and pinning did not make CPU time any steadier (docs/adr/0014).
 */
export interface CommandRunSpec {
  /** Argument vector; never a shell. */
  readonly command: readonly string[];
  readonly cwd: string;
  /** The whole environment of the command, beside the marks that its processes are found by. */
  readonly env: Readonly<Record<string, string>>;
  /** Absolute path of what it reads as standard input; absent: it is empty. */
  readonly stdinFile?: string;
  readonly timeoutMs: number;
  /** Marks every process of the run, as `TargetSpec.runId` does. */
  readonly runId: string;
  readonly expect: {
    /** Looked for in everything that is printed, not in the kept tail only. */
    readonly stdoutIncludes?: string;
    /** Absolute paths that must exist after the end. */
    readonly files: readonly string[];
  };
  /** Keep what it prints and writes, for a run that is not timed. */
  readonly scope?: Pick<ObservationScope, 'places'>;
}

/** getrusage(RUSAGE_CHILDREN) of a launcher that starts nothing else: the command and every descendant that was waited for. */
export interface ChildUsage {
  readonly userUs: number;
  readonly systemUs: number;
  /** Of the largest single process, not of the tree; never below what a child takes over from the launcher (about 4 MiB). */
  readonly largestRssBytes: number;
  /** Waited for something. */
  readonly voluntarySwitches: number;
  /** Was made to wait by the scheduler. */
  readonly involuntarySwitches: number;
  /** Reads that went to a disk, in blocks of 512 bytes; 0 when the page cache had everything. */
  readonly blocksRead: number;
  readonly blocksWritten: number;
}

export interface CommandRun {
  readonly exit: ProcessExit;
  readonly timedOut: boolean;
  /** From the start to the end of the command, on the monotonic clock. */
  readonly wallMs: number;
  /** Null where the platform does not tell (Windows, or no FFI binary for it), and when it ran into its limit. */
  readonly usage: ChildUsage | null;
  /** Most resident memory that a look at the whole tree saw; null when the run was over before the first look. */
  readonly sampledRssBytes: number | null;
  /** CPU of the launcher, which is ours. */
  readonly launcherCpuUs: number;
  /** Processes that it had left behind; they were ended. */
  readonly leftRunning: number;
  /** Null when nothing was looked for. */
  readonly stdoutIncludes: boolean | null;
  readonly missingFiles: readonly string[];
  /** Where it was asked for; texts are bounded. */
  readonly seen?: {
    readonly stdout: Value;
    /** By their paths as they were given; missing ones are left out. */
    readonly files: Readonly<Record<string, Value>>;
  };
  /** Tails. */
  readonly stdout: string;
  readonly stderr: string;
}

/** What starting anything at all costs, by the same path: part of every run. Medians over a few runs of a no-op. */
export interface StartOverhead {
  readonly wallMs: number;
  /** Null where `ChildUsage` is. */
  readonly cpuUs: number | null;
  /** Below this `ChildUsage.largestRssBytes` says nothing. */
  readonly rssBytes: number | null;
}

/** A run under valgrind, for what it counts only: its times mean nothing. */
export interface CountedRun {
  readonly run: CommandRun;
  /** False when valgrind could not be started: then nothing ran. */
  readonly hasValgrind: boolean;
  /** Of the command and everything that it started; null when a process of it left no count. */
  readonly instructions: number | null;
}

export interface CommandRuns {
  /** Ends the whole tree in any case. Rejects for an abort, or with InternalError when the launcher fails. */
  run(spec: CommandRunSpec, signal: AbortSignal): Promise<CommandRun>;
  /** The same, slower by 10 to 50 times, with executed machine instructions counted. */
  countInstructions(spec: CommandRunSpec, signal: AbortSignal): Promise<CountedRun>;
  /** Measured once in the life of this process; null where there is no no-op to start. */
  startOverhead(runId: string, signal: AbortSignal): Promise<StartOverhead | null>;
}
