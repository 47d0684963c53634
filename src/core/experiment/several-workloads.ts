import type { Bottleneck } from '../model/evidence.ts';
import type { Verdict } from '../model/experiment.ts';
import type { Goals } from '../model/goals.ts';
import { PRIMARY_ALPHA } from '../stats/alpha.ts';
import { guardrailAlpha } from '../stats/guardrails.ts';

/**
 * One change judged on several workloads. One of them leads: that of the blamed bottleneck, else that of the objective that
 * the person marked, else the first. The lead keeps the error of a primary metric; the others are there so that a gain here
 * that costs there is seen, and share another 5 %, as guardrails do (Bonferroni, which is the first step of Holm: the
 * question is whether any of them regressed).
 */
export function chooseLead(
  workloads: readonly string[],
  goals: Goals,
  bottleneck: Pick<Bottleneck, 'workload'> | null,
): string | undefined {
  const marked = goals.objectives.find(
    ({ primary, workload }) => primary === true && workloads.includes(workload),
  )?.workload;
  const blamed = bottleneck?.workload;
  return blamed !== undefined && workloads.includes(blamed) ? blamed : (marked ?? workloads[0]);
}

/** The alpha of the first comparison of one of `count` workloads. */
export function alphaOfWorkload(isLead: boolean, count: number): number {
  if (isLead) return PRIMARY_ALPHA;
  // So many workloads that no row of the tables is small enough: then none of them can be called, which is said there.
  return guardrailAlpha(count - 1) ?? 0;
}

/** What is said first: harm before doubt, doubt before gain. */
const SEVERITY: readonly Verdict[] = ['invalid', 'regressed', 'inconclusive', 'improved', 'equivalent'];
const HARM = 2;

/** The experiment that speaks for all: one that did harm, else the lead's. The first is the lead's. */
export function chooseHeadline<E extends { readonly verdict: Verdict }>(
  experiments: readonly E[],
): E | undefined {
  const severity = ({ verdict }: E) => SEVERITY.indexOf(verdict);
  const [worst] = [...experiments].sort((a, b) => severity(a) - severity(b));
  return worst && severity(worst) < HARM ? worst : experiments[0];
}
