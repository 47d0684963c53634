import type { DatabaseFacts, PlanNode, StatementPlan } from '../../core/database/model.ts';
import { InputError } from '../../core/errors.ts';
import { readStored } from './trace-evidence.ts';
import type { Row, View } from './view.ts';

/** The plan of one statement, by its text or fingerprint: of several the one that took the longest. */
export const planView: View = {
  name: 'plan',
  of: 'database',
  async show(context, { filter }) {
    const { plans } = await readStored<DatabaseFacts>(context);
    const plan = choose(plans, filter);
    if (plan === undefined) {
      throw new InputError('unknown_id', `There is no plan for "${filter ?? 'any statement'}".`, {
        fix: 'Use a part of a text of the view "statements", or a fingerprint of it.',
      });
    }
    return {
      subject: plan.text,
      columns: [
        { key: 'total_ms', title: 'time', as: 'ms' },
        { key: 'rows', title: 'rows', as: 'count' },
        { key: 'estimated', title: 'estimate', as: 'count' },
        { key: 'removed', title: 'removed', as: 'count' },
        { key: 'loops', title: 'loops', as: 'count' },
        { key: 'node', title: 'node', as: 'tree' },
      ],
      rows: flatten(plan.root, 0),
      basis: plan.mode === 'analyze' ? 'executed once, rolled back' : 'estimates only, not executed',
    };
  },
};

function choose(plans: readonly StatementPlan[], filter: string | undefined): StatementPlan | undefined {
  const wanted = filter?.toLowerCase();
  return plans
    .filter(
      ({ fingerprint, text }) =>
        wanted === undefined || fingerprint === wanted || text.toLowerCase().includes(wanted),
    )
    .sort((a, b) => (b.executionMs ?? 0) - (a.executionMs ?? 0))[0];
}

function flatten(node: PlanNode, depth: number): readonly Row[] {
  const of = [node.relation, node.index].filter((part) => part !== undefined).join(' using ');
  const conditions = [node.condition, node.filter === undefined ? undefined : `filter ${node.filter}`];
  return [
    {
      depth,
      total_ms: node.totalMs,
      rows: node.actualRows,
      estimated: node.estimatedRows,
      removed: node.rowsRemovedByFilter,
      loops: node.loops,
      node: [node.type, of, ...conditions].filter((part) => part !== undefined && part !== '').join(' '),
    },
    ...node.children.flatMap((child) => flatten(child, depth + 1)),
  ];
}
