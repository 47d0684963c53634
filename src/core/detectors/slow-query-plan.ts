import { judgePlan, type PlanProblem } from '../database/judge-plan.ts';
import type { StatementPlan, StatementShare } from '../database/model.ts';
import type { Detector, DetectorInput, Finding } from './detector.ts';
import { percent } from './finding.ts';
import { locateStatement, MANY_REQUESTS, takesTime, toShare, waitingCeilings } from './statement-time.ts';

const TITLES: Readonly<Record<PlanProblem['kind'], string>> = {
  'missing-index': 'no index for its condition',
  'filter-after-scan': 'an index that finds far more than it keeps',
  'bad-estimate': 'a plan chosen by a wrong estimate',
  spill: 'a sort or hash that does not fit into work_mem',
  'nested-loop': 'a nested loop over many rows',
};

/** A statement that takes time, and whose plan says why. */
export const slowQueryPlan: Detector = {
  id: 'slow-query-plan',
  title: 'Slow query by its plan',
  names: 'wait',
  detect(input) {
    return (input.database?.plans ?? []).flatMap((plan) => {
      const problems = judgePlan(plan);
      const [worst] = problems;
      if (worst === undefined || !takesTime(plan.share)) return [];
      return [describe(input, plan, plan.share, worst, problems)];
    });
  },
};

function describe(
  input: DetectorInput,
  plan: StatementPlan,
  share: StatementShare,
  worst: PlanProblem,
  problems: readonly PlanProblem[],
): Finding {
  const { text, mode, executionMs } = plan;
  return {
    kind: slowQueryPlan.id,
    title: `${percent(share.value)} of the time of the requests is one statement with ${TITLES[worst.kind]}: ${shorten(text)}`,
    layer: 'data-access',
    location: locateStatement(input, plan),
    share: toShare(share),
    ceilings: [...waitingCeilings(share)],
    confidence: judge(plan, share, worst),
    signals: [
      'database',
      'slow-plan',
      ...problems.map(({ signal }) => signal),
      ...new Set(problems.map(({ kind }) => kind)),
    ],
    detail: [
      ...problems
        .slice(0, 4)
        .map(
          ({ text: what, shareOfPlan }) =>
            `${what}${shareOfPlan === null ? '' : ` (${percent(shareOfPlan)} of the plan's time)`}`,
        ),
      `${share.perRequest.toFixed(1)} executions a request${executionMs === null ? '' : `, ${executionMs.toFixed(1)} ms in the database for the one that was explained`}`,
      mode === 'analyze' ? 'executed once more, read-only and rolled back' : 'planned and not executed',
    ].join('\n'),
    confirm: confirmOf(worst),
  };
}

function judge({ mode }: StatementPlan, share: StatementShare, worst: PlanProblem): Finding['confidence'] {
  const requests = `its share comes from ${share.requests} traced requests`;
  if (mode === 'estimate') {
    return { level: 'medium', reason: `the plan is an estimate, nothing was executed; ${requests}` };
  }
  const measured = `measured in the database: ${worst.text}`;
  return { level: share.requests >= MANY_REQUESTS ? 'high' : 'medium', reason: `${measured}; ${requests}` };
}

function confirmOf({ kind, signal }: PlanProblem): string {
  const [, place = ''] = /^[\w-]+:(.+)$/.exec(signal) ?? [];
  switch (kind) {
    case 'missing-index':
      return `On a copy, CREATE INDEX ON ${place} and ask for the plan again: an index scan confirms it. A condition that most rows meet refutes it.`;
    case 'filter-after-scan':
      return `On a copy, make an index that has the filtered column as well (${place}) and compare the rows removed by the filter.`;
    case 'bad-estimate':
      return `ANALYZE the table, or CREATE STATISTICS on the columns of the condition, on a copy: the estimate must come near, and the plan change.`;
    case 'spill':
      return `SET LOCAL work_mem to some times the size that was written, in a session of yours, and explain again: the spill must vanish. Reading fewer rows or columns is the better remedy.`;
    case 'nested-loop':
      return `SET LOCAL enable_nestloop = off in a session of yours and explain again: if the plan gets faster, the estimate or a missing index is the cause.`;
  }
}

function shorten(text: string): string {
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}
