import { canonicalText } from './bound-value.ts';
import type { Tree, Value } from './model.ts';

export type Rows = Extract<Value, { readonly kind: 'rows' }>;

/** What one bag holds and the other does not, each as often as it does; rows as texts. */
export function compareBags(
  baseline: readonly string[],
  candidate: readonly string[],
): { readonly missing: readonly string[]; readonly added: readonly string[] } {
  const surplus = new Map<string, number>();
  for (const row of baseline) surplus.set(row, (surplus.get(row) ?? 0) + 1);
  for (const row of candidate) surplus.set(row, (surplus.get(row) ?? 0) - 1);
  const repeat = (sign: 1 | -1): readonly string[] =>
    [...surplus].flatMap(([row, count]) => Array.from({ length: Math.max(0, sign * count) }, () => row));
  return { missing: repeat(1), added: repeat(-1) };
}

/** Rows as texts, without some columns. */
export function rowTexts({ columns, rows }: Rows, without: ReadonlySet<string>): readonly string[] {
  const kept = columns.flatMap((column, index) => (without.has(column) ? [] : [index]));
  return rows.map((row) => canonicalText(kept.map((index) => row[index] ?? null)));
}

/** Columns whose values differ, each taken by itself. */
export function unsteadyColumns(first: Rows, second: Rows): readonly string[] {
  return first.columns.filter((_, index) => {
    const { missing } = compareBags(columnTexts(first, index), columnTexts(second, index));
    return missing.length > 0;
  });
}

function columnTexts({ rows }: Rows, index: number): readonly string[] {
  return rows.map((row) => canonicalText(row[index] ?? null));
}

/** A list of records: the path of a value then names its column. Columns of one name are numbered. */
export function recordTree({ columns, rows }: Rows): Tree {
  const names = columns.map((name, index) =>
    columns.indexOf(name) === index ? name : `${name}#${index + 1}`,
  );
  return rows.map((row) => Object.fromEntries(names.map((name, index) => [name, row[index] ?? null])));
}
