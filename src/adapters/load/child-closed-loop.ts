import type { ClosedLoopChildPlan } from './child-plan.ts';
import { runClosedJourneys } from './closed-journeys.ts';
import { runClosedLoop } from './closed-loop.ts';
import { runAsChild } from './run-as-child.ts';

runAsChild(
  // Only our own parent writes the plan, from the same build: the shape is the type.
  (text) => JSON.parse(text) as ClosedLoopChildPlan,
  (plan, announce) =>
    plan.journeys === undefined ? runClosedLoop(plan, announce) : runClosedJourneys(plan, announce),
);
