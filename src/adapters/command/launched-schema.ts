import { z } from 'zod';
import type { Launched } from './launch-plan.ts';

/** Not in the launcher itself: zod would make its start and its heap several times larger. */
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
