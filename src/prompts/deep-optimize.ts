import { z } from 'zod';
import { definePrompt } from './definition.ts';

export const deepOptimize = definePrompt({
  name: 'deep_optimize',
  title: 'Optimize this project from evidence',
  description:
    'Walks the whole loop: goals, baseline, bottlenecks, strategies, one validated change at a time, guard.',
  args: z.strictObject({
    goal: z.string().optional().describe('what should get better, in your own words'),
    project_dir: z.string().optional().describe('default: the registered directory'),
  }),
  text: ({ goal, project_dir }) => {
    const where = project_dir === undefined ? '' : ` Pass project_dir "${project_dir}" to every tool.`;
    return `Optimize this project with the deep-optimize tools, from evidence only.${where}
${goal === undefined ? '' : `\nWhat I want: ${goal}\n`}
1. get_history first: if earlier work exists, continue it and respect its decisions.
2. define_goals without arguments. Show me the drafted workloads, objectives and constraints, ask me about what is marked as draft or missing, then call define_goals with what I confirmed.
3. measure_baseline. Tell me which objectives are missed and the smallest effect that can be resolved. If every objective is met, stop and say so.
4. find_bottlenecks. Work on the finding with the highest ceiling for a missed objective; look closer with inspect_evidence and read the code it names.
5. propose_strategies. Prefer the earliest layer that fits; skip what conflicts with a constraint or was tried.
6. Make ONE small change. Then validate_change with your hypothesis and the strategy_id.
   - improved: record_decision keep.
   - regressed or invalid: revert your change, record_decision revert.
   - equivalent or inconclusive: revert it unless it makes the code simpler; do not run it again hoping for luck.
7. After a kept change: measure_baseline again and go on from 4, until the objectives are met or two bottlenecks in a row gave nothing.
8. add_budget for each objective that is met now, then check_budgets.
9. Report: each experiment with its verdict and interval, what was kept and why, what is left and its ceiling.`;
  },
});
