import type { BudgetOutcome } from '../core/model/guard.ts';
import type { Ports } from '../core/ports/index.ts';
import type { Envelope } from '../core/model/result.ts';
import { checkBudgets, readyToCheck, type CheckResult } from '../loop/budget.ts';
import { toRunError } from '../loop/run-errors.ts';
import { createRuns, type RunProgress } from '../loop/runs.ts';
import { describeOutcomes, summarizeOutcomes } from '../render/budgets.ts';
import type { CheckOptions } from './program.ts';

const EXIT_CODES: Readonly<Record<BudgetOutcome['outcome'], number>> = {
  pass: 0,
  fail: 1,
  inconclusive: 2,
  invalid: 2,
};

export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  readonly signal: AbortSignal;
}

/** A run is waited for in steps: an abort must be noticed, and nothing else limits how long a check may take. */
const WAIT_STEP_MS = 60_000;

/**
 * All budgets of a project, for CI: the very code behind the tool check_budgets. Whoever types this command (or puts it into
 * a pipeline) means to run the commands of goals.json, as with npm scripts; no approval is asked. Returns the exit code.
 */
export async function check(
  ports: Ports,
  directory: string,
  options: CheckOptions,
  terminal: Terminal,
): Promise<number> {
  const project = await ports.projects.open(directory);
  const ready = await readyToCheck(project, { workload: options.workload, budget_id: options.budget });
  const runs = createRuns(ports);
  terminal.signal.addEventListener('abort', () => void runs.shutdown(), { once: true });
  await runs.recover(project);
  const spec = {
    kind: 'budget-check' as const,
    tool: 'check_budgets',
    workload: options.workload ?? null,
    key: 'check',
  };
  let result: CheckResult | undefined;
  const id = await runs.start(project, spec, async (run) => {
    result = await checkBudgets(ports, project, { ...ready, effort: options.effort }, run);
    return toEnvelope(result);
  });
  const wait = {
    waitMs: WAIT_STEP_MS,
    signal: terminal.signal,
    onProgress: ({ message }: RunProgress) => terminal.err(message),
  };
  let view = await runs.wait(project, id, wait);
  while (view.run.state === 'running') view = await runs.wait(project, id, wait);
  if (!result) throw toRunError(view.run);
  print(result, options.json, terminal);
  return EXIT_CODES[result.outcome];
}

function toEnvelope(result: CheckResult): Envelope {
  const summary = summarizeOutcomes(result.outcome, result.outcomes);
  return { status: 'done', summary, warnings: [...result.warnings], next_steps: [], links: [] };
}

function print(result: CheckResult, asJson: boolean, terminal: Terminal): void {
  if (asJson) {
    terminal.out(JSON.stringify(result, null, 2));
    return;
  }
  terminal.out(summarizeOutcomes(result.outcome, result.outcomes));
  terminal.out(describeOutcomes(result.outcomes));
  for (const warning of result.warnings) terminal.out(`! ${warning.code}: ${warning.message}`);
}
