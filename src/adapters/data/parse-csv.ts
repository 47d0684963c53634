import { InputError } from '../../core/errors.ts';
import type { DataTable } from '../../core/load/data-rows.ts';

/** RFC 4180 with a line of column names; all values are text. The parser is loaded when the first such file is read. */
export async function parseCsv(file: string, text: string): Promise<DataTable> {
  const { CsvError, parse } = await import('csv-parse/sync');
  let records: readonly (readonly string[])[];
  try {
    records = parse(text, { bom: true, skip_empty_lines: true });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = error['lines'];
    throw brokenRow(file, typeof line === 'number' ? line : undefined, withoutLine(error.message));
  }
  const [header = [], ...rows] = records;
  const columns = header.map((name) => name.trim());
  const unnamed = columns.indexOf('');
  if (unnamed !== -1) throw brokenRow(file, 1, `column ${unnamed + 1} has no name`);
  const twice = columns.find((name, index) => columns.indexOf(name) < index);
  if (twice !== undefined) throw brokenRow(file, 1, `there are two columns "${twice}"`);
  return { columns, rows };
}

function brokenRow(file: string, line: number | undefined, what: string): InputError {
  return new InputError('invalid_data', `${file}${line === undefined ? '' : `, line ${line}`}: ${what}.`, {
    fix: 'Correct that line: as many values as there are column names, values with commas, quotes or line ends in double quotes.',
  });
}

/** The parser ends its messages with the line too. */
function withoutLine(message: string): string {
  return message.replace(/,? (on|at) line \d+.*$/s, '').replace(/\.$/, '');
}
