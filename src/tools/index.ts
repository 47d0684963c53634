import { addBudgetTool } from './add-budget.ts';
import { cancelRunTool } from './cancel-run.ts';
import { checkBudgetsTool } from './check-budgets.ts';
import { defineGoalsTool } from './define-goals.ts';
import type { AnyTool } from './definition.ts';
import { findBottlenecksTool } from './find-bottlenecks.ts';
import { getHistoryTool } from './get-history.ts';
import { getRunTool } from './get-run.ts';
import { inspectEvidenceTool } from './inspect-evidence.ts';
import { measureBaselineTool } from './measure-baseline.ts';
import { proposeStrategiesTool } from './propose-strategies.ts';
import { recordDecisionTool } from './record-decision.ts';
import { validateChangeTool } from './validate-change.ts';

/** Every tool, in the order of the loop. A new one is a file beside this and a line here. */
export const TOOLS: readonly AnyTool[] = [
  defineGoalsTool,
  measureBaselineTool,
  findBottlenecksTool,
  inspectEvidenceTool,
  proposeStrategiesTool,
  validateChangeTool,
  recordDecisionTool,
  addBudgetTool,
  checkBudgetsTool,
  getRunTool,
  cancelRunTool,
  getHistoryTool,
];
