import { TargetError, InputError } from '../core/errors.ts';
import { budgetByHand, budgetFromBaseline, budgetFromGoal, judgeBudget } from '../core/guard/budgets.ts';
import { selectWorkload } from '../core/goals/select.ts';
import { estimateMetrics } from '../core/measurement/estimates.ts';
import type { Budget, BudgetOutcome } from '../core/model/guard.ts';
import type { Goals } from '../core/model/goals.ts';
import { NO_GOALS } from '../core/model/goals.ts';
import type { Effort } from '../core/model/measurement.ts';
import { METRICS, type MetricName } from '../core/model/metrics.ts';
import type { Warning } from '../core/model/warning.ts';
import type { Ports } from '../core/ports/index.ts';
import type { Project } from '../core/ports/project.ts';
import { conditionWarnings } from '../core/measurement/condition-warnings.ts';
import { measureState } from './baseline.ts';
import { chooseBaseline } from './choose-baseline.ts';
import type { Block } from './measure/blocks.ts';
import { exclusively } from './measure/exclusively.ts';
import type { RunHandle } from './runs.ts';

export interface AddBudgetRequest {
  readonly workload?: string | undefined;
  readonly metric?: MetricName | undefined;
  readonly from?: 'goal' | 'baseline' | undefined;
  readonly baseline_id?: string | undefined;
  readonly max?: number | undefined;
  readonly min?: number | undefined;
}

/** Step 6: limits that CI keeps. Without a metric: one for each objective of the workload. */
export async function addBudgets(
  ports: Ports,
  project: Project,
  request: AddBudgetRequest,
): Promise<{ readonly budgets: readonly Budget[]; readonly file: string }> {
  const goals = (await project.files.readGoals()) ?? NO_GOALS;
  const workload = selectWorkload(goals, request.workload);
  const baseline = await chooseBaseline(project, workload.name, request.baseline_id);
  const now = ports.clock.now();

  const budgets = ((): readonly Budget[] => {
    if (request.max !== undefined || request.min !== undefined) {
      if (request.metric === undefined || (request.max !== undefined && request.min !== undefined)) {
        throw new InputError(
          'invalid_arguments',
          'A limit by hand needs "metric" and exactly one of "max" and "min".',
          { fix: 'Give both and call again.' },
        );
      }
      return [
        budgetByHand(
          workload.name,
          request.metric,
          request.max === undefined ? { min: request.min ?? 0 } : { max: request.max },
          now,
        ),
      ];
    }
    const objectives = goals.objectives.filter(
      (o) => o.workload === workload.name && (request.metric === undefined || o.metric === request.metric),
    );
    if (request.from !== 'baseline' && objectives.length > 0)
      return objectives.map((o) => budgetFromGoal(o, baseline, now));
    const metrics: readonly MetricName[] =
      request.metric === undefined ? objectives.map((o) => o.metric) : [request.metric];
    if (!baseline || metrics.length === 0) {
      throw new InputError(
        'nothing_to_guard',
        `There is no ${baseline ? 'objective' : 'baseline'} of "${workload.name}" to make a budget from.`,
        {
          fix: 'Give "metric" with "max" or "min", set an objective, or measure a baseline.',
          next: [
            {
              tool: 'measure_baseline',
              arguments: { workload: workload.name },
              why: 'measure what the code does today',
            },
          ],
        },
      );
    }
    return metrics.map((metric) => budgetFromBaseline(baseline, metric, now));
  })();

  const before = (await project.files.readBudgets())?.budgets ?? [];
  const replaced = new Set(budgets.map((budget) => budget.id));
  const file = await project.files.writeBudgets({
    version: 1,
    budgets: [...before.filter((budget) => !replaced.has(budget.id)), ...budgets],
  });
  return { budgets, file };
}

export interface CheckRequest {
  readonly goals: Goals;
  readonly budgets: readonly Budget[];
  readonly effort: Effort;
}

export interface CheckResult {
  readonly outcome: BudgetOutcome['outcome'];
  readonly outcomes: readonly BudgetOutcome[];
  readonly warnings: readonly Warning[];
}

/** After how many blocks a check looks whether every budget is decided, and the most that it measures. */
const CHECK_LOOKS: Readonly<Record<Effort, readonly number[]>> = {
  quick: [3, 6],
  standard: [3, 6, 10],
  thorough: [6, 12, 20],
};

/**
 * All budgets, measured now. The limit is absolute, so there is no other side: the code against its own copy, as in a
 * baseline. A program that fails makes its budgets invalid; it does not hide the others.
 */
export async function checkBudgets(
  ports: Ports,
  project: Project,
  request: CheckRequest,
  run: RunHandle,
): Promise<CheckResult> {
  return await exclusively(ports, project, run.id, async () => {
    const { id: machineId } = await ports.machine.fingerprint();
    const names = [...new Set(request.budgets.map((budget) => budget.workload))];
    const outcomes: BudgetOutcome[] = [];
    const warnings: Warning[] = [];
    for (const [index, name] of names.entries()) {
      const budgets = request.budgets.filter((budget) => budget.workload === name);
      const part: RunHandle = {
        ...run,
        report: (p) =>
          run.report({
            ...p,
            fraction: (index + p.fraction) / names.length,
            message: `${name}: ${p.message}`,
          }),
      };
      try {
        const { blocks } = await measureForBudgets(
          ports,
          project,
          { ...request, budgets, name, machineId },
          part,
        );
        outcomes.push(...judgeAll(budgets, blocks, request.effort, machineId));
        warnings.push(
          ...conditionWarnings(
            blocks.flatMap(({ a, b }) => [a, b]),
            ports.machine.cpuPlan() !== undefined,
          ),
        );
      } catch (error) {
        if (!(error instanceof TargetError) || run.signal.aborted) throw error;
        outcomes.push(
          ...budgets.map((budget) => invalid(budget, machineId, `${error.message} ${error.fix}`)),
        );
      } finally {
        await project.checkouts.dispose(run.id);
      }
    }
    return { outcome: worst(outcomes), outcomes, warnings };
  });
}

async function measureForBudgets(
  ports: Ports,
  project: Project,
  request: CheckRequest & { readonly name: string; readonly machineId: string },
  run: RunHandle,
) {
  const { goals, effort, budgets, machineId } = request;
  const looks = CHECK_LOOKS[effort];
  return await measureState(
    ports,
    project,
    {
      goals,
      workload: selectWorkload(goals, request.name),
      effort: effort === 'thorough' ? 'standard' : 'quick',
      maxBlocks: Math.max(...looks),
      afterBlock: (blocks) => {
        if (!looks.includes(blocks.length)) return 'continue';
        const undecided = judgeAll(budgets, blocks, effort, machineId).some(
          (o) => o.outcome === 'inconclusive',
        );
        return undecided ? 'continue' : 'stop';
      },
    },
    run,
  );
}

function judgeAll(
  budgets: readonly Budget[],
  blocks: readonly Block[],
  effort: Effort,
  machineId: string,
): readonly BudgetOutcome[] {
  const estimates = estimateMetrics(blocks, effort);
  return budgets.map((budget) => judgeBudget(budget, estimates, machineId));
}

function invalid(budget: Budget, machineId: string, reason: string): BudgetOutcome {
  return { ...judgeBudget(budget, {}, machineId), outcome: 'invalid', reason };
}

/** One budget that fails fails the check; one that could not be decided keeps it from passing. */
function worst(outcomes: readonly BudgetOutcome[]): BudgetOutcome['outcome'] {
  const order = ['fail', 'invalid', 'inconclusive', 'pass'] as const;
  return order.find((outcome) => outcomes.some((o) => o.outcome === outcome)) ?? 'pass';
}

/** What is to be checked, refused early when there is nothing. Titles help nobody find a metric: names do. */
export async function readyToCheck(
  project: Project,
  wanted: { readonly workload?: string | undefined; readonly budget_id?: string | undefined },
): Promise<Pick<CheckRequest, 'goals' | 'budgets'>> {
  const goals = (await project.files.readGoals()) ?? NO_GOALS;
  const all = (await project.files.readBudgets())?.budgets ?? [];
  const budgets = all.filter(
    (b) =>
      (wanted.workload === undefined || b.workload === wanted.workload) &&
      (wanted.budget_id === undefined || b.id === wanted.budget_id),
  );
  if (budgets.length === 0) {
    const known = all.map((b) => `${b.id} (${METRICS[b.metric].title})`).join(', ');
    throw new InputError(
      'nothing_to_guard',
      all.length === 0 ? 'This project has no budgets.' : 'No budget fits that workload or id.',
      {
        fix:
          all.length === 0 ? 'Add one from a goal or a baseline with add_budget.' : `Use one of: ${known}.`,
        next:
          all.length === 0
            ? [{ tool: 'add_budget', arguments: {}, why: 'one budget for each objective' }]
            : [],
      },
    );
  }
  for (const budget of budgets) selectWorkload(goals, budget.workload);
  return { goals, budgets };
}
