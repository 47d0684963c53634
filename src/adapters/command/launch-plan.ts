import type { CommandRun, CommandRunSpec } from '../../core/ports/command-runs.ts';

/** What the launcher is told, as JSON in a file that it is given the name of. */
export interface LaunchPlan extends Pick<
  CommandRunSpec,
  'command' | 'cwd' | 'env' | 'stdinFile' | 'timeoutMs' | 'expect'
> {
  /** What it prints is written to this file, whole. */
  readonly stdoutFile?: string;
}

/** The launcher's line at the start of the command. */
export const STARTED_LINE = 'started';

/** The launcher's last line, as JSON. */
export type Launched = Omit<CommandRun, 'sampledRssBytes' | 'leftRunning' | 'seen'>;
