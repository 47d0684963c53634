import { z } from 'zod';
import { defineTool } from './definition.ts';
import { projectDir, recordId, waitS } from './parameters.ts';
import { waitForRun } from './run-and-wait.ts';

export const getRunTool = defineTool({
  name: 'get_run',
  title: 'Wait for a run',
  description:
    'Waits up to wait_s for a run and returns what its tool returns when done, its progress while it runs, or the error that ended it. Runs are kept across restarts.',
  effect: 'reads',
  input: z.strictObject({ project_dir: projectDir, run_id: recordId, wait_s: waitS }),
  output: z.looseObject({ partial: z.record(z.string(), z.unknown()).optional().describe('numbers so far') }),
  handle: async ({ run_id, wait_s }, context) => await waitForRun(context, run_id, wait_s),
  render: () => '',
});
