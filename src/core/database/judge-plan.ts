import { columnsOf } from './condition.ts';
import { isSqlite, missingSqliteIndex } from './judge-sqlite.ts';
import { FEWEST_ROWS, nameIndex } from './missing-index.ts';
import type { PlanNode, StatementPlan } from './model.ts';

/** What is wrong with a plan at one of its nodes. */
export interface PlanProblem {
  readonly kind:
    'missing-index' | 'unusable-index' | 'filter-after-scan' | 'bad-estimate' | 'spill' | 'nested-loop';
  readonly node: PlanNode;
  /** As strategies match on it, e.g. "missing-index:orders(email)". */
  readonly signal: string;
  readonly text: string;
  /** Of the time of the plan that this node makes, children left out; null without ANALYZE. */
  readonly shareOfPlan: number | null;
}

/** Of the rows read, thrown away: below, an index would read most of the table too. */
const MOST_REMOVED = 0.9;
/** Estimates are off by 2 or 3 all the time; from 10 on the planner chooses for another table. */
const ESTIMATE_RATIO = 10;
const MANY_LOOPS = 1000;
/** Of the time of a plan that a node must make before it is a problem. */
const WORTH_IT = 0.2;

/** The worst first. */
export function judgePlan({ root, tableRows, text }: StatementPlan): readonly PlanProblem[] {
  const problems: PlanProblem[] = [];
  visit(root, undefined, (node, parent) => {
    const own = shareOfPlan(node, root);
    const share = own === null || parent === undefined ? own : Math.max(own, inclusiveShare(parent, root));
    for (const judge of JUDGES) {
      // What is expected of a node decides how its parent goes about it: the time is there.
      const time = judge === badEstimate ? share : own;
      if (time !== null && time < WORTH_IT) continue;
      const found = judge({ node, parent, tableRows, text });
      if (found !== undefined) problems.push({ ...found, node, shareOfPlan: time });
    }
  });
  const weight = ({ shareOfPlan: share, kind }: PlanProblem) =>
    (share ?? 0) + (kind === 'bad-estimate' ? 0 : 1);
  return problems.sort((a, b) => weight(b) - weight(a));
}

/** Time without that of the children, in ms; null without ANALYZE. */
export function ownMs({ totalMs, children }: PlanNode): number | null {
  if (totalMs === null) return null;
  return Math.max(0, totalMs - children.reduce((sum, child) => sum + (child.totalMs ?? 0), 0));
}

/**
 * Workers of a parallel plan run at once, so their nodes add up to more than the root took: the sum of what all nodes took by
 * themselves is the whole.
 */
function shareOfPlan(node: PlanNode, root: PlanNode): number | null {
  const own = ownMs(node);
  if (own === null) return null;
  let whole = 0;
  visit(root, undefined, (each) => (whole += ownMs(each) ?? 0));
  return whole > 0 ? own / whole : 0;
}

function inclusiveShare({ totalMs }: PlanNode, root: PlanNode): number {
  return totalMs === null || root.totalMs === null || root.totalMs === 0
    ? 0
    : Math.min(1, totalMs / root.totalMs);
}

function visit(
  node: PlanNode,
  parent: PlanNode | undefined,
  look: (node: PlanNode, parent: PlanNode | undefined) => void,
): void {
  look(node, parent);
  for (const child of node.children) visit(child, node, look);
}

interface Case {
  readonly node: PlanNode;
  readonly parent: PlanNode | undefined;
  readonly tableRows: Readonly<Record<string, number>>;
  readonly text: string;
}
type Found = Pick<PlanProblem, 'kind' | 'signal' | 'text'>;
type Judge = (of: Case) => Found | undefined;

const missingIndex: Judge = ({ node, parent, tableRows, text }) => {
  const { relation, filter } = node;
  if (relation === undefined) return undefined;
  if (isSqlite(node)) {
    const beside = (parent?.children ?? []).filter((other) => other !== node);
    return missingSqliteIndex({ node: { ...node, relation }, beside, tableRows, text });
  }
  if (node.type !== 'Seq Scan' || filter === undefined) return undefined;
  const read = rowsRead(node, tableRows);
  if (read === undefined || read.rows < FEWEST_ROWS || read.removed < MOST_REMOVED * read.rows)
    return undefined;
  return {
    ...nameIndex(relation, filter),
    text: `reads all of "${relation}" (${times(read)}) and keeps ${percent(1 - read.removed / read.rows)}: ${filter}`,
  };
};

const filterAfterScan: Judge = ({ node }) => {
  const { type, relation, index, filter, rowsRemovedByFilter, actualRows, loops } = node;
  if (!/^(Index Scan|Index Only Scan|Bitmap Heap Scan)$/.test(type) || filter === undefined) return undefined;
  const removed = (rowsRemovedByFilter ?? 0) * (loops ?? 1);
  const kept = (actualRows ?? 0) * (loops ?? 1);
  if (removed < FEWEST_ROWS || removed < MOST_REMOVED * (removed + kept)) return undefined;
  return {
    kind: 'filter-after-scan',
    signal: `filter-after-scan:${relation ?? ''}${columnsOf(filter)}`,
    text: `finds ${Math.round(removed + kept)} rows of "${relation ?? '?'}"${index === undefined ? '' : ` by ${index}`} and throws ${percent(removed / (removed + kept))} of them away: ${filter}`,
  };
};

/** Where it matters: too few rows expected at the outer side of a nested loop, which then runs its inner side for each of them. */
const badEstimate: Judge = ({ node, parent }) => {
  const { estimatedRows, actualRows, loops, relation, type } = node;
  if (estimatedRows === null || actualRows === null || loops === null) return undefined;
  if (parent?.type !== 'Nested Loop' || parent.children[0] !== node) return undefined;
  if (actualRows < ESTIMATE_RATIO * Math.max(estimatedRows, 1) || actualRows * loops < FEWEST_ROWS)
    return undefined;
  return {
    kind: 'bad-estimate',
    signal: `bad-estimate:${relation ?? type}`,
    text: `${type}${relation === undefined ? '' : ` on "${relation}"`} gives ${Math.round(actualRows)} rows where ${Math.round(estimatedRows)} were expected, and a nested loop was chosen for the few`,
  };
};

const spill: Judge = ({ node: { type, spilledKilobytes }, parent }) => {
  if (spilledKilobytes === null || spilledKilobytes <= 0) return undefined;
  // A hash table and the join that fills it are one matter.
  if (type === 'Hash' && (parent?.spilledKilobytes ?? 0) > 0) return undefined;
  const what = /Sort/.test(type) ? 'sort' : 'hash';
  return {
    kind: 'spill',
    signal: `${what}-spill`,
    text: `${type} did not fit into work_mem and wrote ${Math.round(spilledKilobytes)} KiB to disk`,
  };
};

const nestedLoop: Judge = ({ node, parent }) => {
  if (node.type === 'Nested Loop') {
    const removed = (node.rowsRemovedByFilter ?? 0) * (node.loops ?? 1);
    if (removed < 10 * FEWEST_ROWS) return undefined;
    return {
      kind: 'nested-loop',
      signal: 'nested-loop',
      text: `joins by comparing every pair, and throws ${Math.round(removed)} pairs away: ${node.filter ?? ''}`,
    };
  }
  if (parent?.type !== 'Nested Loop' || (node.loops ?? 0) < MANY_LOOPS) return undefined;
  // The loop itself is named then.
  if ((parent.rowsRemovedByFilter ?? 0) * (parent.loops ?? 1) >= 10 * FEWEST_ROWS) return undefined;
  return {
    kind: 'nested-loop',
    signal: `nested-loop:${node.relation ?? node.type}`,
    text: `${node.type}${node.relation === undefined ? '' : ` on "${node.relation}"`} runs ${String(node.loops)} times inside a nested loop`,
  };
};

const JUDGES: readonly Judge[] = [missingIndex, filterAfterScan, spill, nestedLoop, badEstimate];

interface RowsRead {
  readonly rows: number;
  readonly removed: number;
  readonly loops: number;
  readonly estimated: boolean;
}

/** Over all loops; without ANALYZE from the planner's own numbers. */
function rowsRead(node: PlanNode, tableRows: Case['tableRows']): RowsRead | undefined {
  const { actualRows, rowsRemovedByFilter, estimatedRows, relation } = node;
  const loops = node.loops ?? 1;
  if (actualRows !== null && rowsRemovedByFilter !== null) {
    const removed = rowsRemovedByFilter * loops;
    return { rows: removed + actualRows * loops, removed, loops, estimated: false };
  }
  const all = relation === undefined ? undefined : tableRows[relation];
  if (all === undefined || estimatedRows === null) return undefined;
  return { rows: all, removed: Math.max(0, all - estimatedRows), loops: 1, estimated: true };
}

function times({ rows, loops, estimated }: RowsRead): string {
  return `${estimated ? 'about ' : ''}${Math.round(rows)} rows${loops > 1 ? ` in ${loops} loops` : ''}`;
}

function percent(share: number): string {
  const value = share * 100;
  return `${value > 0 && value < 1 ? value.toPrecision(1) : Math.round(value)} %`;
}
