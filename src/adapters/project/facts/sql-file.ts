import type { SqlFileFacts } from '../../../core/ports/project.ts';

/** Folders and names of SQL that is run once, or that made the database: nothing to measure. */
const NOT_QUERIES =
  /(?:^|[/._-])(?:migrations?|migrate|schemas?|seeds?|seeders?|dumps?|backups?|fixtures?|ddl|up|down|init|create|drop|drizzle|prisma)(?:[/._-]|$)/i;

/** Undefined for what is no query: changes of a schema, dumps, empty files. */
export function readSqlFile(text: string, file: string): SqlFileFacts | undefined {
  if (NOT_QUERIES.test(file)) return undefined;
  const statements = splitStatements(text);
  const [first] = statements;
  if (first === undefined || !statements.every(isQuery)) return undefined;
  return { file, statements: statements.length, parameters: parametersOf(first) };
}

/** A `with` may end in an update; what a query may not do is the measurement's to refuse. */
function isQuery(statement: string): boolean {
  return (
    /^\(*\s*(?:select|with|values)\b/i.test(statement) && !/\b(?:insert|update|delete)\s/i.test(statement)
  );
}

/** A statement's text without comments and string contents; `;` inside of those ends nothing. */
const PIECES =
  /--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|'(?:[^']|'')*(?:'|$)|"(?:[^"]|"")*(?:"|$)|\$([A-Za-z_]*)\$[\s\S]*?(?:\$\1\$|$)/g;

function splitStatements(text: string): readonly string[] {
  return text
    .replaceAll(PIECES, (piece) => (piece.startsWith('--') || piece.startsWith('/*') ? ' ' : "''"))
    .split(';')
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
}

/** `$1` of PostgreSQL, `?`, `?1`, `:name` and `@name` of SQLite, each once and in order; `?` once for each. */
function parametersOf(statement: string): readonly string[] {
  const found = statement.match(/\$\d+|\?\d*|(?<![:\w]):[A-Za-z_]\w*|(?<!@)@[A-Za-z_]\w*/g) ?? [];
  const once = new Set(found.filter((name) => name !== '?'));
  const open = found.filter((name) => name === '?');
  return [...[...once].sort((a, b) => a.localeCompare(b, 'en', { numeric: true })), ...open];
}
