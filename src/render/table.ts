/** A column: its heading and how its cells stand. Numbers stand right, so that digits line up. */
export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
}

/**
 * A Markdown table with padded cells: readable as plain text in a terminal, rendered as a table elsewhere. Cells are
 * one line each; what would break the table (pipes, line ends) is taken out.
 *
 * @param maxCell longer cells are cut in the middle, which keeps both ends of a path
 */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  maxCell = 60,
): string {
  const cells = rows.map((row) => columns.map((_, index) => cleanCell(row[index] ?? '', maxCell)));
  const titles = columns.map(({ title }) => cleanCell(title, maxCell));
  const widths = titles.map((title, index) =>
    Math.max(3, lengthOf(title), ...cells.map((row) => lengthOf(row[index] ?? ''))),
  );
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, index) => pad(cell, widths[index] ?? 0, columns[index]?.align ?? 'left')).join(' | ')} |`;
  const rule = `|${columns
    .map(({ align }, index) => {
      const dashes = '-'.repeat((widths[index] ?? 0) + 1);
      return align === 'right' ? `${dashes}:` : `-${dashes}`;
    })
    .join('|')}|`;
  return [line(titles), rule, ...cells.map(line)].join('\n');
}

/** Cuts out the middle, so that a long path keeps its start and its file name. */
export function shorten(text: string, limit: number): string {
  const characters = Array.from(text);
  if (characters.length <= limit) return text;
  if (limit <= 1) return '…'.slice(0, limit);
  const head = Math.ceil((limit - 1) / 3);
  const tail = limit - 1 - head;
  return `${characters.slice(0, head).join('')}…${characters.slice(characters.length - tail).join('')}`;
}

function cleanCell(text: string, limit: number): string {
  return shorten(
    // Names come from measured programs: no control characters, nothing that ends the cell.
    text
      .replace(/[\p{Cc}\p{Cf}]+/gu, ' ')
      .replaceAll('|', '¦')
      .trim(),
    limit,
  );
}

/** Code points, not UTF-16 units, so that "µ" and "…" and names outside of the basic plane line up. */
function lengthOf(text: string): number {
  return Array.from(text).length;
}

function pad(text: string, width: number, align: 'left' | 'right'): string {
  const fill = ' '.repeat(Math.max(0, width - lengthOf(text)));
  return align === 'right' ? fill + text : text + fill;
}
