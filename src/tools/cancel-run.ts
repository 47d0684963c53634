import { z } from 'zod';
import { defineTool } from './definition.ts';
import { projectDir, recordId } from './parameters.ts';

export const cancelRunTool = defineTool({
  name: 'cancel_run',
  title: 'Cancel a run',
  description: 'Stops a run and every process that it started. What was recorded before stays.',
  effect: 'runs-code',
  input: z.strictObject({ project_dir: projectDir, run_id: recordId }),
  output: z.object({ state: z.enum(['done', 'failed', 'cancelled', 'interrupted']) }),
  handle: async ({ run_id }, { runs, project }) => {
    const { run } = await runs.cancel(project, run_id);
    const state = run.state === 'running' ? 'interrupted' : run.state;
    return {
      status: 'done',
      run_id,
      state,
      summary:
        state === 'cancelled'
          ? `Run ${run_id} is cancelled; nothing of it is left running.`
          : `Run ${run_id} had already ended: ${state}.`,
      warnings: [],
      next_steps: [{ tool: 'get_history', arguments: {}, why: 'see where the loop stands' }],
      links: [],
    };
  },
  render: () => '',
});
