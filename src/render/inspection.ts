import { foreignName } from './foreign-text.ts';
import { formatNumber, formatShare, formatValue } from './number.ts';

type Cell = string | number | null;

export interface InspectionColumn {
  readonly key: string;
  readonly title: string;
  readonly as: 'share' | 'ms' | 'bytes' | 'count' | 'name' | 'tree' | 'text';
}

const DEEPEST_INDENT = 12;
const LONGEST = { name: 160, tree: 160, text: 200 } as const;

/** One line a row under one of headings; numbers stand right in columns, the text closes the line. */
export function describeInspection(result: {
  readonly columns: readonly InspectionColumn[];
  readonly rows: readonly Readonly<Record<string, Cell>>[];
}): string {
  const { columns, rows } = result;
  if (rows.length === 0) return '';
  const cells = rows.map((row) => columns.map((column) => formatCell(column, row)));
  const widths = columns.map(({ title }, index) =>
    Math.max(title.length, ...cells.map((line) => line[index]?.length ?? 0)),
  );
  const layOut = (line: readonly string[]) =>
    line
      .map((cell, index) => {
        const isLast = index === columns.length - 1;
        return isText(columns[index])
          ? isLast
            ? cell
            : cell.padEnd(widths[index] ?? 0)
          : cell.padStart(widths[index] ?? 0);
      })
      .join('  ')
      .trimEnd();
  return [columns.map(({ title }) => title), ...cells].map(layOut).join('\n');
}

function isText(column: InspectionColumn | undefined): boolean {
  return column?.as === 'name' || column?.as === 'tree' || column?.as === 'text';
}

function formatCell({ key, as }: InspectionColumn, row: Readonly<Record<string, Cell>>): string {
  const value = row[key] ?? null;
  if (value === null) return '-';
  switch (as) {
    case 'share':
      return formatShare(Number(value));
    case 'ms':
      return formatValue(Number(value), 'ms');
    case 'bytes':
      return formatValue(Number(value), 'bytes');
    case 'count':
      return formatNumber(Number(value));
    case 'name':
    case 'text':
      return foreignName(String(value), LONGEST[as]);
    case 'tree':
      return `${'  '.repeat(Math.min(Number(row['depth'] ?? 0), DEEPEST_INDENT))}${foreignName(String(value), LONGEST.tree)}`;
  }
}
