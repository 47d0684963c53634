import { columnsOf, qualifiedColumnsOf } from './condition.ts';
import type { PlanProblem } from './judge-plan.ts';
import { FEWEST_ROWS, nameIndex } from './missing-index.ts';
import type { PlanNode, StatementPlan } from './model.ts';

type Found = Pick<PlanProblem, 'kind' | 'signal' | 'text'>;

export interface SqliteCase extends Pick<StatementPlan, 'tableRows' | 'text'> {
  readonly node: PlanNode & { readonly relation: string };
  /** Tables that are read in the same loops. */
  readonly beside: readonly PlanNode[];
}

export function isSqlite({ type }: PlanNode): boolean {
  return /^(AUTOMATIC )?(SCAN|SEARCH)$/.test(type);
}

/** SQLite tells which way it goes and no filters: what a table is read for stands in the statement alone. */
export function missingSqliteIndex(of: SqliteCase): Found | undefined {
  const { node, text } = of;
  const { type, index, condition, relation } = node;
  const table = tableOf(relation, of);
  // SQLite makes an index for one execution: it says itself that there should be one.
  if (type.startsWith('AUTOMATIC')) {
    return {
      kind: 'missing-index',
      signal: `missing-index:${table}${columnsOf(condition ?? '')}`,
      text: `makes an index on "${table}" for each execution (${condition ?? 'automatic'})`,
    };
  }
  const where = /\bwhere\b(.*?)(?:\border by\b|\bgroup by\b|\blimit\b|$)/is.exec(text)?.[1];
  if (type !== 'SCAN' || index !== undefined || where === undefined) return undefined;
  return scannedFor(of, table, where) ?? scannedForAnother(of, table, where);
}

/** The condition is on the table that is read. */
function scannedFor({ node, tableRows }: SqliteCase, table: string, where: string): Found | undefined {
  const names = namesOf(node.relation, table);
  const rows = tableRows[table];
  if (columnsOf(where, names) === '' || rows === undefined || rows < FEWEST_ROWS) return undefined;
  return {
    ...nameIndex(table, where, names),
    text: `reads all of "${table}" (about ${rows} rows) for: ${inOneLine(where)}`,
  };
}

/** The condition is on a table that is looked up by its key for each row of the one that is read: nothing finds it first. */
function scannedForAnother(of: SqliteCase, read: string, where: string): Found | undefined {
  for (const { relation, type, condition = '' } of of.beside) {
    if (relation === undefined || type !== 'SEARCH') continue;
    const table = tableOf(relation, of);
    const names = namesOf(relation, table);
    const compared = qualifiedColumnsOf(where, names);
    const rows = of.tableRows[table];
    const isSearchedBy = compared.some((column) => condition.toLowerCase().includes(column.toLowerCase()));
    if (compared.length === 0 || isSearchedBy || rows === undefined || rows < FEWEST_ROWS) continue;
    return {
      ...nameIndex(table, where, names),
      text: `reads all of "${read}" and looks "${table}" up (about ${rows} rows) for each row, since nothing finds: ${inOneLine(where)}`,
    };
  }
  return undefined;
}

/** A plan of SQLite names a table as the statement does, by its alias where there is one. */
function tableOf(named: string, { tableRows, text }: Pick<SqliteCase, 'tableRows' | 'text'>): string {
  if (tableRows[named] !== undefined) return named;
  const alias = named.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const table = new RegExp(
    String.raw`(?:\bfrom|\bjoin|,)\s+"?(\w+)"?\s+(?:as\s+)?"?${alias}"?(?!\w)`,
    'i',
  ).exec(text)?.[1];
  return table !== undefined && tableRows[table] !== undefined ? table : named;
}

function namesOf(...names: readonly string[]): readonly string[] {
  return names.map((name) => name.toLowerCase());
}

function inOneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
