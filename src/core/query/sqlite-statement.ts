import { InputError } from '../errors.ts';
import { placeIn } from './place.ts';

/**
 * What libsql does not look at by itself (0.5.29, tried): of several statements it runs the first and says nothing, a
 * parameter too few is NULL and one too many is dropped.
 */
export interface SqliteStatement {
  /** The number of the last parameter, by SQLite's rules of numbering (https://www.sqlite.org/lang_expr.html#varparam). */
  readonly parameters: number;
  /** ORDER BY of the statement itself, not of a part of it. */
  readonly ordered: boolean;
}

interface Token {
  readonly kind: 'word' | 'quoted' | 'text' | 'parameter' | 'symbol';
  /** As written; quoted names without their quotes. */
  readonly text: string;
  readonly offset: number;
}

const READS: readonly string[] = ['select', 'values'];
const WRITES: readonly string[] = ['insert', 'replace', 'update', 'delete'];

/**
 * Functions of this build of SQLite that reach files, load code or run SQL from a text; `query_only` does not hold them.
 * From pragma_function_list of libsql 0.5.29, and the extensions of SQLite's own shell.
 */
const REACHING_OUT: readonly string[] = [
  'edit',
  'eval',
  'fsdir',
  'fts3_tokenizer',
  'load_extension',
  'readfile',
  'sha3_query',
  'sqlite3mc_codec_data',
  'sqlite3mc_config',
  'sqlite3mc_config_table',
  'sqlite_log',
  'writefile',
  'zipfile',
];

/** Refuses what may not run, and counts the parameters. Throws InputError sql_invalid or sql_refused. */
export function readSqliteStatement(sql: string, { writes }: { readonly writes: boolean }): SqliteStatement {
  const tokens = tokenize(sql);
  const end = tokens.findIndex(({ text, kind }) => kind === 'symbol' && text === ';');
  const statement = end < 0 ? tokens : tokens.slice(0, end);
  if (statement.length === 0) {
    throw new InputError('sql_invalid', 'The SQL of the workload holds no statement.', {
      fix: 'Give one statement in "sql" or in the file that "file" names.',
    });
  }
  const second = tokens.slice(statement.length).find(({ text, kind }) => kind !== 'symbol' || text !== ';');
  if (second) {
    throw new InputError(
      'sql_refused',
      `The SQL holds several statements; the second begins at ${placeIn(sql, second.offset)}.`,
      { fix: 'Give one statement; make a workload for each, and do what prepares the data in "setup".' },
    );
  }
  const verb = mainVerb(statement);
  const wanted = writes ? [...READS, ...WRITES] : READS;
  if (!wanted.includes(verb)) {
    const isWrite = WRITES.includes(verb);
    throw new InputError(
      'sql_refused',
      isWrite
        ? `The statement writes (${verb.toUpperCase()}), and the workload does not say so.`
        : `A statement that begins with ${JSON.stringify(verb.toUpperCase())} is not measured.`,
      {
        fix: isWrite
          ? 'Set "writes" to true: each execution is then rolled back.'
          : 'Measure SELECT, VALUES or WITH, or with "writes" INSERT, REPLACE, UPDATE or DELETE; other statements belong to "setup".',
      },
    );
  }
  refuseReachingOut(statement);
  return { parameters: countParameters(statement), ordered: isOrdered(statement) };
}

/** Where the parser stopped, when the word that it names stands only once; SQLite's own offset does not reach us. */
export function placeOfWord(sql: string, word: string): string | undefined {
  const found = tokenize(sql).filter(({ text }) => text === word);
  return found.length === 1 && found[0] ? placeIn(sql, found[0].offset) : undefined;
}

function isOrdered(statement: readonly Token[]): boolean {
  let depth = 0;
  return statement.some(({ kind, text }) => {
    if (kind === 'symbol' && text === '(') depth += 1;
    if (kind === 'symbol' && text === ')') depth -= 1;
    // ORDER is a keyword: as a name it would be quoted.
    return depth === 0 && kind === 'word' && text.toLowerCase() === 'order';
  });
}

/** The first word, and after WITH the one that follows the last common table. */
function mainVerb(statement: readonly Token[]): string {
  const first = statement[0]?.text.toLowerCase() ?? '';
  if (first !== 'with') return first;
  let depth = 0;
  for (const { kind, text } of statement) {
    if (kind === 'symbol' && text === '(') depth += 1;
    if (kind === 'symbol' && text === ')') depth -= 1;
    const word = text.toLowerCase();
    if (depth === 0 && kind === 'word' && (READS.includes(word) || WRITES.includes(word))) return word;
  }
  return first;
}

function refuseReachingOut(statement: readonly Token[]): void {
  const call = statement.find(
    ({ kind, text }, index) =>
      (kind === 'word' || kind === 'quoted') &&
      statement[index + 1]?.text === '(' &&
      REACHING_OUT.includes(text.toLowerCase()),
  );
  if (!call) return;
  throw new InputError(
    'sql_refused',
    `The statement calls ${call.text}, which reaches out of the database.`,
    {
      fix: 'Measure the statement without that function.',
    },
  );
}

function countParameters(statement: readonly Token[]): number {
  const named = new Map<string, number>();
  let last = 0;
  for (const { kind, text } of statement) {
    if (kind !== 'parameter') continue;
    if (text === '?') last += 1;
    else if (text.startsWith('?')) last = Math.max(last, Number(text.slice(1)));
    else if (!named.has(text)) named.set(text, (last += 1));
  }
  return last;
}

/** In the order in which they are tried; what matches none is a symbol of one character. */
const PATTERNS: readonly (readonly [Token['kind'] | 'space', RegExp])[] = [
  ['space', /\s+|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/y],
  ['text', /'(?:[^']|'')*(?:'|$)/y],
  ['quoted', /"(?:[^"]|"")*(?:"|$)|`(?:[^`]|``)*(?:`|$)|\[[^\]]*(?:\]|$)/y],
  ['parameter', /\?\d*|[:@$][\w\u0080-\uffff]+/y],
  ['word', /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/y],
];

/** SQLite's tokens, as far as it matters here (https://www.sqlite.org/c3ref/complete.html tells the same parts apart). */
function tokenize(sql: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < sql.length) {
    const [kind, text] = tokenAt(sql, at);
    if (kind !== 'space') {
      tokens.push({ kind, text: kind === 'quoted' ? text.slice(1, -1) : text, offset: at });
    }
    at += text.length;
  }
  return tokens;
}

function tokenAt(sql: string, at: number): readonly [Token['kind'] | 'space', string] {
  for (const [kind, pattern] of PATTERNS) {
    pattern.lastIndex = at;
    const text = pattern.exec(sql)?.[0];
    if (text !== undefined) return [kind, text];
  }
  return ['symbol', sql.charAt(at)];
}
