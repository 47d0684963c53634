import { z } from 'zod';
import type { CommandRun, CommandRunSpec } from '../../core/ports/command-runs.ts';

/** What the launcher is told, as JSON in a file that it is given the name of. */
export type LaunchPlan = Pick<
  CommandRunSpec,
  'command' | 'cwd' | 'env' | 'stdinFile' | 'timeoutMs' | 'expect'
>;

/** The launcher's line at the start of the command. */
export const STARTED_LINE = 'started';

export type Launched = Omit<CommandRun, 'sampledRssBytes' | 'leftRunning'>;

/** The launcher's last line. */
export const launchedSchema: z.ZodType<Launched> = z.object({
  exit: z.object({
    code: z.number().nullable(),
    signal: z.string().nullable(),
    startError: z.string().exactOptional(),
  }),
  timedOut: z.boolean(),
  wallMs: z.number(),
  usage: z
    .object({
      userUs: z.number(),
      systemUs: z.number(),
      largestRssBytes: z.number(),
      voluntarySwitches: z.number(),
      involuntarySwitches: z.number(),
      blocksRead: z.number(),
      blocksWritten: z.number(),
    })
    .nullable(),
  launcherCpuUs: z.number(),
  stdoutIncludes: z.boolean().nullable(),
  missingFiles: z.array(z.string()),
  stdout: z.string(),
  stderr: z.string(),
});
