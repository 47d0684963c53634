import type { ClosedLoopChildPlan } from './child-plan.ts';
import { runAsChild } from './run-as-child.ts';

runAsChild(
  // Only our own parent writes the plan, from the same build: the shape is the type.
  (text) => JSON.parse(text) as ClosedLoopChildPlan,
  // Either engine is loaded for its own plans only: both together would make each start slower.
  async (plan, announce) =>
    plan.journeys === undefined
      ? (await import('./closed-loop.ts')).runClosedLoop(plan, announce)
      : (await import('./closed-journeys.ts')).runClosedJourneys(plan, announce),
);
