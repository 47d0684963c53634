import { InputError } from '../errors.ts';
import { seededRandom } from '../random.ts';

/** The rows of a data file; each has a value for every column, in their order. */
export interface DataTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
}

/**
 * Which row the n-th user takes: all rows in an order from the seed, then again from the start. The same seed gives both sides
 * of a block the same rows, and no row comes twice before each has come once.
 */
export function rowOrder(rows: number, seed: number): (nth: number) => number {
  const order = seededRandom(seed).shuffle(Array.from({ length: rows }, (_, index) => index));
  return (nth) => order[nth % rows] as number;
}

/** Refuses templates that nothing gives a value. `where` names the request or step, for people. */
export function requireColumns(
  uses: readonly { readonly where: string; readonly names: readonly string[] }[],
  file: string,
  { columns }: Pick<DataTable, 'columns'>,
): void {
  for (const { where, names } of uses) {
    const unknown = names.find((name) => !columns.includes(name));
    if (unknown === undefined) continue;
    throw new InputError(
      'invalid_data',
      `${where} uses {{${unknown}}}, but ${file} has no column "${unknown}" (it has ${columns.join(', ')}).`,
      { fix: `Add the column to ${file}, or correct the name in the workload with define_goals.` },
    );
  }
}
