import { z } from 'zod';
import { budgetSchema } from '../core/model/guard.ts';
import { metricNameSchema } from '../core/model/measurement.ts';
import { addBudgets } from '../loop/budget.ts';
import { describeBudgets } from '../render/budgets.ts';
import { defineTool } from './definition.ts';
import { projectDir, recordId, workload } from './parameters.ts';

export const addBudgetTool = defineTool({
  name: 'add_budget',
  title: 'Add a budget',
  description:
    'Step 6. Writes limits that CI keeps to .deep-optimize/budgets.json, with where each came from: from the goals (default, one per objective), from a baseline (its interval plus the minimum effect), or by hand with max or min. Replaces an earlier budget of the same metric.',
  effect: 'writes',
  input: z.strictObject({
    project_dir: projectDir,
    workload,
    metric: metricNameSchema.optional().describe('default: every objective'),
    from: z.enum(['goal', 'baseline']).optional(),
    baseline_id: recordId.optional(),
    max: z.number().optional(),
    min: z.number().optional(),
  }),
  output: z.object({ budgets: z.array(budgetSchema), file: z.string() }),
  handle: async ({ project_dir: _where, ...request }, { ports, project, changes }) => {
    const { budgets, file } = await addBudgets(ports, project, request);
    changes.emit(['deep-optimize://budgets']);
    return {
      status: 'done',
      summary: `${budgets.length} budget(s) written to ${file}. Commit it; "npx deep-optimize check" in CI keeps them (exit 0 pass, 1 fail, 2 inconclusive or invalid, 3 usage or environment).`,
      budgets: [...budgets],
      file,
      warnings: [],
      next_steps: [{ tool: 'check_budgets', arguments: {}, why: 'see whether they hold now' }],
      links: [{ uri: 'deep-optimize://budgets', title: 'Budgets', mime_type: 'application/json' }],
    };
  },
  render: (result) => describeBudgets(result.budgets),
});
