import type { ClosedLoopChildPlan } from './child-plan.ts';
import { runAsChild } from './run-as-child.ts';

// Either engine is loaded for its own plans only: both together would make each start slower.
const engineOf = async ({ journeys }: ClosedLoopChildPlan) =>
  journeys === undefined
    ? (await import('./closed-loop.ts')).runClosedLoop
    : (await import('./closed-journeys.ts')).runClosedJourneys;

runAsChild({
  prepare: async (plan: ClosedLoopChildPlan) => {
    await engineOf(plan);
  },
  work: async (plan, announce) => (await engineOf(plan))(plan, announce),
});
