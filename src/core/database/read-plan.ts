import { z } from 'zod';
import type { PlanNode } from './model.ts';

/** https://www.postgresql.org/docs/current/sql-explain.html, FORMAT JSON: the fields that are read. */
interface ExplainNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Index Cond'?: string;
  readonly 'Recheck Cond'?: string;
  readonly 'Hash Cond'?: string;
  readonly 'Merge Cond'?: string;
  readonly 'Join Filter'?: string;
  readonly Filter?: string;
  readonly 'Plan Rows'?: number;
  readonly 'Actual Rows'?: number;
  readonly 'Actual Loops'?: number;
  readonly 'Actual Total Time'?: number;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Rows Removed by Join Filter'?: number;
  readonly 'Shared Hit Blocks'?: number;
  readonly 'Shared Read Blocks'?: number;
  readonly 'Temp Written Blocks'?: number;
  readonly 'Sort Space Type'?: string;
  readonly 'Sort Space Used'?: number;
  readonly 'Hash Batches'?: number;
  readonly Plans?: readonly ExplainNode[];
}

const text = z.string().exactOptional();
const number = z.number().exactOptional();

const nodeSchema: z.ZodType<ExplainNode> = z.object({
  'Node Type': z.string(),
  'Relation Name': text,
  'Index Name': text,
  'Index Cond': text,
  'Recheck Cond': text,
  'Hash Cond': text,
  'Merge Cond': text,
  'Join Filter': text,
  Filter: text,
  'Plan Rows': number,
  'Actual Rows': number,
  'Actual Loops': number,
  'Actual Total Time': number,
  'Rows Removed by Filter': number,
  'Rows Removed by Join Filter': number,
  'Shared Hit Blocks': number,
  'Shared Read Blocks': number,
  'Temp Written Blocks': number,
  'Sort Space Type': text,
  'Sort Space Used': number,
  'Hash Batches': number,
  get Plans() {
    return z.array(nodeSchema).exactOptional();
  },
});

const explainSchema = z.object({
  Plan: nodeSchema,
  'Planning Time': number,
  'Execution Time': number,
});

export interface ReadPlan {
  readonly root: PlanNode;
  readonly planningMs: number | null;
  readonly executionMs: number | null;
}

/** Of the server's usual page, in KiB (block_size). */
const KILOBYTES_PER_BLOCK = 8;

/** One object of EXPLAIN (FORMAT JSON), of any version since 9.0; with ANALYZE and BUFFERS where they were asked for. */
export function readPostgresPlan(explained: unknown): ReadPlan {
  const parsed = explainSchema.parse(explained);
  return {
    root: toNode(parsed.Plan),
    planningMs: parsed['Planning Time'] ?? null,
    executionMs: parsed['Execution Time'] ?? null,
  };
}

function toNode(node: ExplainNode): PlanNode {
  const loops = node['Actual Loops'] ?? null;
  const perLoopMs = node['Actual Total Time'];
  const condition = node['Index Cond'] ?? node['Hash Cond'] ?? node['Merge Cond'] ?? node['Recheck Cond'];
  const filter = node.Filter ?? node['Join Filter'];
  const hit = node['Shared Hit Blocks'];
  return {
    type: node['Node Type'],
    ...(node['Relation Name'] === undefined ? {} : { relation: node['Relation Name'] }),
    ...(node['Index Name'] === undefined ? {} : { index: node['Index Name'] }),
    ...(condition === undefined ? {} : { condition: maskLiterals(condition) }),
    ...(filter === undefined ? {} : { filter: maskLiterals(filter) }),
    estimatedRows: node['Plan Rows'] ?? null,
    actualRows: node['Actual Rows'] ?? null,
    loops,
    rowsRemovedByFilter: node['Rows Removed by Filter'] ?? node['Rows Removed by Join Filter'] ?? null,
    totalMs: perLoopMs === undefined ? null : perLoopMs * (loops ?? 1),
    sharedBuffers: hit === undefined ? null : hit + (node['Shared Read Blocks'] ?? 0),
    spilledKilobytes: spilledBy(node),
    children: (node.Plans ?? []).map(toNode),
  };
}

/** Null where ANALYZE did not tell. Blocks of temporary files are counted with those of the children. */
function spilledBy(node: ExplainNode): number | null {
  if (node['Sort Space Type'] !== undefined) {
    return node['Sort Space Type'] === 'Disk' ? (node['Sort Space Used'] ?? 0) : 0;
  }
  const written = node['Temp Written Blocks'];
  if (written === undefined) return null;
  const below = (node.Plans ?? []).reduce((sum, child) => sum + (child['Temp Written Blocks'] ?? 0), 0);
  const own = Math.max(0, written - below) * KILOBYTES_PER_BLOCK;
  return own > 0 || (node['Hash Batches'] ?? 1) > 1 ? own : 0;
}

/** Conditions hold the values that the statement was planned with, which are the program's data: ? in their place. */
export function maskLiterals(condition: string): string {
  return condition
    .replace(/'(?:[^']|'')*'/g, '?')
    .replace(/(?<![\w$.])-?\d+(?:\.\d+)?(?:e[+-]?\d+)?(?!\w)/gi, '?')
    .replace(/\$\d+/g, '?');
}

const sqliteSchema = z.array(z.object({ id: z.number(), parent: z.number(), detail: z.string() }));

/**
 * Rows of EXPLAIN QUERY PLAN (https://www.sqlite.org/eqp.html). SQLite tells which way it goes and no numbers; the details
 * hold no values. The root is ours, since there may be several rows at the top.
 */
export function readSqlitePlan(rows: unknown): ReadPlan {
  const parsed = sqliteSchema.parse(rows);
  const below = (parent: number): readonly PlanNode[] =>
    parsed
      .filter((row) => row.parent === parent && row.id !== parent)
      .map(({ id, detail }) => ({ ...toSqliteNode(detail), children: below(id) }));
  return {
    root: { ...NO_NUMBERS, type: 'QUERY PLAN', children: below(0) },
    planningMs: null,
    executionMs: null,
  };
}

const NO_NUMBERS = {
  estimatedRows: null,
  actualRows: null,
  loops: null,
  rowsRemovedByFilter: null,
  totalMs: null,
  sharedBuffers: null,
  spilledKilobytes: null,
};

function toSqliteNode(detail: string): Omit<PlanNode, 'children'> {
  const way = /^(SCAN|SEARCH) (?:TABLE )?("[^"]+"|\S+)(?: AS (\S+))?(?: USING (.+))?$/.exec(detail);
  if (way === null) return { ...NO_NUMBERS, type: detail };
  const [, verb = '', relation = '', , using] = way;
  const index = /INDEX (\S+)/.exec(using ?? '')?.[1];
  const condition = /\(([^)]*)\)\s*$/.exec(using ?? '')?.[1];
  const automatic = using?.includes('AUTOMATIC') === true ? 'AUTOMATIC ' : '';
  return {
    ...NO_NUMBERS,
    type: `${automatic}${verb}`,
    relation: relation.replace(/^"|"$/g, ''),
    ...(index === undefined || automatic !== '' ? {} : { index }),
    ...(condition === undefined ? {} : { condition }),
  };
}
