/** What a condition of a plan or of a statement compares: read from its text, since a plan has no more of it. */

const NOT_COLUMNS = new Set([
  'any',
  'array',
  'and',
  'or',
  'not',
  'is',
  'null',
  'lower',
  'upper',
  'coalesce',
  'cast',
]);

const OPERATOR = String.raw`(=|<>|<=|>=|<|>|~~\*?|~\*?|\blike\b|\bilike\b|\bin\b|\bbetween\b)`;

/**
 * "(email, state)": the columns that a condition compares, those by equality first, as an index would have them. Empty when
 * none can be told: then nothing is claimed about columns.
 *
 * @param names of the one table that is meant; columns that are told to be of another are left out
 */
export function columnsOf(condition: string, names?: readonly string[]): string {
  const compared = readComparisons(condition).filter(
    ({ table }) => table === undefined || names === undefined || names.includes(table),
  );
  const equal = compared.filter(({ operator }) => operator === '=' || /^in$/i.test(operator));
  const columns = [...new Set([...equal, ...compared].map(({ column }) => column))];
  return columns.length === 0 ? '' : `(${columns.join(', ')})`;
}

/** Those alone that are told to be of the table. */
export function qualifiedColumnsOf(condition: string, names: readonly string[]): readonly string[] {
  return readComparisons(condition)
    .filter(({ table }) => table !== undefined && names.includes(table))
    .map(({ column }) => column);
}

interface ComparedColumn {
  /** As the condition names it, in lower case; undefined where it does not. */
  readonly table: string | undefined;
  readonly column: string;
  readonly operator: string;
}

const COMPARED = new RegExp(
  String.raw`(?:"?(\w+)"?\.)?"?([a-z_]\w*)"?(?:\)?::[\w ]+(?:\[\])?)?\)*\s*${OPERATOR}`,
  'gi',
);

function readComparisons(condition: string): readonly ComparedColumn[] {
  return [...condition.matchAll(COMPARED)]
    .map(([, table, column = '', operator = '']) => ({ table: table?.toLowerCase(), column, operator }))
    .filter(({ column, operator }) => !NOT_COLUMNS.has(column.toLowerCase()) && operator !== '<>');
}

export interface ComparedExpression {
  /** As it stands in the condition: "lower((email)::text)". */
  readonly text: string;
  /** The first column in it. */
  readonly column: string;
}

/** A name right before its parenthesis, up to three levels of them, and an operator after it. */
const CALL = new RegExp(
  String.raw`\b([a-z_]\w*)(\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\))\s*${OPERATOR}`,
  'gi',
);
const NOT_CALLS: ReadonlySet<string> = new Set(['and', 'or', 'not', 'in', 'any', 'all', 'values', 'where']);

/**
 * A function of a column that is compared, where no column is that stands alone: an index on the column holds values that
 * were not put through the function, so that it finds nothing.
 */
export function comparedExpression(condition: string): ComparedExpression | undefined {
  const call = [...condition.matchAll(CALL)].find(([, name = '']) => !NOT_CALLS.has(name.toLowerCase()));
  const [, name = '', argumentsText = ''] = call ?? [];
  const text = `${name}${argumentsText}`;
  if (call === undefined || columnsOf(condition.replace(text, '?')) !== '') return undefined;
  const bare = argumentsText.replace(/'(?:[^']|'')*'/g, '').replace(/::[\w ]+(?:\[\])?/g, '');
  const column = [...bare.matchAll(/(?:"?\w+"?\.)?"?([a-z_]\w*)"?(?!\w*\s*\()/gi)]
    .map(([, found = '']) => found)
    .find((found) => !NOT_COLUMNS.has(found.toLowerCase()));
  return column === undefined ? undefined : { text, column };
}
