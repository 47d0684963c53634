import { lineAndColumn } from '../json-map.ts';

/** For people: "line 3, column 7". */
export function placeIn(sql: string, offset: number): string {
  const { line, column } = lineAndColumn(sql, offset);
  return `line ${line}, column ${column}`;
}
