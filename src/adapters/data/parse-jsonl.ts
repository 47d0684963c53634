import { InputError } from '../../core/errors.ts';
import type { DataTable } from '../../core/load/data-rows.ts';

/** One JSON object a line, all with the names of the first; values keep their types. Empty lines are passed over. */
export function parseJsonl(file: string, text: string): DataTable {
  let columns: readonly string[] | undefined;
  const rows: (readonly unknown[])[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '') continue;
    const row = parseLine(line);
    if (row === undefined) throw brokenLine(file, index + 1, 'is not a JSON object');
    columns ??= Object.keys(row);
    const missing = columns.find((name) => !Object.hasOwn(row, name));
    if (missing !== undefined)
      throw brokenLine(file, index + 1, `has no "${missing}", which the first row has`);
    rows.push(columns.map((name) => row[name]));
  }
  return { columns: columns ?? [], rows };
}

function parseLine(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value))
      : undefined;
  } catch {
    return undefined;
  }
}

function brokenLine(file: string, line: number, what: string): InputError {
  return new InputError('invalid_data', `${file}, line ${line} ${what}.`, {
    fix: 'Correct that line: a JSON object, with a value for every name of the first line.',
  });
}
