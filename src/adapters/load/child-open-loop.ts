import type { OpenLoopChildPlan } from './child-plan.ts';
import { runOpenLoop } from './open-loop.ts';
import { runAsChild } from './run-as-child.ts';
import { warmOpenLoop } from './warm-open-loop.ts';

runAsChild(
  // Only our own parent writes the plan, from the same build: the shape is the type.
  (text) => JSON.parse(text) as OpenLoopChildPlan,
  async (plan, announce) => {
    await warmOpenLoop(plan);
    return runOpenLoop(plan, announce);
  },
);
