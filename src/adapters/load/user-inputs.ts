import { rowOrder } from '../../core/load/data-rows.ts';
import type { DataTable } from '../../core/load/data-rows.ts';
import type { Lookup } from '../../core/load/templates.ts';

const NOTHING: Lookup = () => undefined;

/** What the n-th user finds in the data file, by column. */
export function createInputs(data: DataTable | undefined, seed: number): (nth: number) => Lookup {
  if (data === undefined || data.rows.length === 0) return () => NOTHING;
  const { columns, rows } = data;
  const indexOf = new Map(columns.map((column, index) => [column, index]));
  const rowAt = rowOrder(rows.length, seed);
  return (nth) => {
    const row = rows[rowAt(nth)] as readonly unknown[];
    return (name) => {
      const index = indexOf.get(name);
      return index === undefined ? undefined : row[index];
    };
  };
}

/** For what is random in one journey: its own, so that the order in which journeys end changes nothing. */
export function seedOfUser(seed: number, nth: number): number {
  // The golden ratio of 2^32: neighbours lie far apart.
  return (seed + Math.imul(nth, 0x9e3779b1)) | 0;
}
