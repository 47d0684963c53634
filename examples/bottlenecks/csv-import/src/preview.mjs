import { readField } from './fields.mjs';

const SHOWN_ROWS = 5;

/** What an import would take from a file: the type of each column, the first rows, how many there are. */
export function previewOf(csv) {
  const [head, ...lines] = csv.split('\n');
  const columns = head.split(';').map((name) => ({ name, types: new Set() }));
  const rows = lines.map((line) =>
    line.split(';').map((text, index) => {
      const value = readField(text);
      columns[index].types.add(typeOf(value));
      return value;
    }),
  );
  return {
    rows: rows.length,
    columns: columns.map(({ name, types }) => ({ name, types: [...types].sort() })),
    first: rows.slice(0, SHOWN_ROWS),
  };
}

function typeOf(value) {
  return typeof value === 'object' ? 'day' : typeof value;
}
