import { z } from 'zod';
import type { Goals } from '../core/model/goals.ts';
import { budgetOutcomeSchema } from '../core/model/guard.ts';
import { checkBudgets, readyToCheck, type CheckResult } from '../loop/budget.ts';
import { commandsOf, requireApproval } from '../loop/consent.ts';
import { stepAfterMeasuring } from '../loop/next-steps.ts';
import { describeOutcomes, summarizeOutcomes } from '../render/budgets.ts';
import { defineTool, type Result } from './definition.ts';
import { effort, projectDir, recordId, waitS, workload } from './parameters.ts';
import { runAndWait } from './run-and-wait.ts';

const output = z.object({
  outcome: budgetOutcomeSchema.shape.outcome,
  outcomes: z.array(budgetOutcomeSchema),
});

export const checkBudgetsTool = defineTool({
  name: 'check_budgets',
  title: 'Check budgets',
  description:
    'Measures the working tree against every budget: pass, fail, inconclusive or invalid each. quick (default) takes 20-40 s a workload.',
  effect: 'runs-code',
  input: z.strictObject({
    project_dir: projectDir,
    workload,
    budget_id: recordId.optional(),
    effort,
    wait_s: waitS,
  }),
  output,
  handle: async (input, context) => {
    const { ports, project } = context;
    const { effort: wanted = 'quick' } = input;
    const ready = await readyToCheck(project, input);
    const names = new Set(ready.budgets.map((budget) => budget.workload));
    await requireApproval(
      ports,
      project,
      commandsOf(
        ready.goals,
        ready.goals.workloads.filter((w) => names.has(w.name)),
      ),
    );
    const spec = {
      kind: 'budget-check' as const,
      tool: 'check_budgets',
      workload: input.workload ?? null,
      key: JSON.stringify(['budgets', input.workload, input.budget_id, wanted]),
    };
    const result = await runAndWait(context, spec, input.wait_s, async (run) =>
      present(await checkBudgets(ports, project, { ...ready, effort: wanted }, run), ready.goals),
    );
    return result as Result<z.output<typeof output>>; // what `present` made, perhaps read back from the store
  },
  render: (result) => describeOutcomes(result.outcomes),
});

function present(
  { outcome, outcomes, warnings }: CheckResult,
  { workloads }: Goals,
): Result<z.output<typeof output>> {
  const failed = outcomes.find((o) => o.outcome === 'fail');
  const workload = workloads.find(({ name }) => name === failed?.workload);
  return {
    status: 'done',
    summary: summarizeOutcomes(outcome, outcomes),
    outcome,
    outcomes: [...outcomes],
    warnings: [...warnings],
    next_steps: workload === undefined ? [] : [stepAfterMeasuring(workload, 'find what makes it slow now')],
    links: [],
  };
}
