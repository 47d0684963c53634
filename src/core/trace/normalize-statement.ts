import { createHash } from 'node:crypto';
import { foldIds } from './fold-ids.ts';
import type { Statement } from './model.ts';

export type Engine = Statement['engine'];

export interface NormalizedStatement {
  /** Literals and placeholders replaced by ?, lists folded, whitespace collapsed, comments gone. */
  readonly text: string;
  /** 16 hex digits; equal for equal shapes, whatever the case of their words. */
  readonly fingerprint: string;
  /** Whether values stood in the text itself: then it differs from one execution to the next, and may hold data. */
  readonly hasLiterals: boolean;
}

/** The shape of a statement: what N+1, duplicates and statement totals are counted by. */
export function normalizeStatement(raw: string, engine: Engine): NormalizedStatement {
  const isSql = engine === 'postgres' || engine === 'mysql' || engine === 'sqlite' || engine === 'other';
  const { text, hasLiterals } = isSql ? normalizeSql(raw, engine) : normalizeCommand(raw);
  return { text, fingerprint: fingerprintOf(engine, text), hasLiterals };
}

function fingerprintOf(engine: Engine, text: string): string {
  const hash = createHash('sha256').update(`${engine}\n${text.toLowerCase()}`);
  return hash.digest('hex').slice(0, 16);
}

/** Commands of Redis and MongoDB: what names a key holds an id in it. */
function normalizeCommand(raw: string): Pick<NormalizedStatement, 'text' | 'hasLiterals'> {
  const collapsed = raw.replace(/\s+/g, ' ').trim();
  const text = foldIds(collapsed);
  return { text, hasLiterals: text !== collapsed };
}

interface Token {
  readonly kind: 'word' | 'value' | 'placeholder' | 'symbol';
  readonly text: string;
  /** Whether whitespace or a comment stood before it. */
  readonly spaced: boolean;
}

/** After these a minus belongs to the number that follows, it does not subtract. */
const WORDS_BEFORE_A_VALUE = new Set([
  'select',
  'where',
  'and',
  'or',
  'not',
  'limit',
  'offset',
  'then',
  'else',
  'when',
  'by',
  'between',
  'like',
  'set',
  'return',
  'returning',
  'on',
  'having',
  'in',
]);

function normalizeSql(raw: string, engine: Engine): Pick<NormalizedStatement, 'text' | 'hasLiterals'> {
  const tokens = foldMinus([...tokenize(raw, engine)]);
  let text = '';
  for (const token of tokens) {
    const part = token.kind === 'value' || token.kind === 'placeholder' ? '?' : token.text;
    text += (token.spaced && text !== '' ? ' ' : '') + part;
  }
  return {
    text: foldLists(text.replace(/[\s;]+$/, '')),
    hasLiterals: tokens.some((token) => token.kind === 'value'),
  };
}

function foldMinus(tokens: readonly Token[]): readonly Token[] {
  const folded: Token[] = [];
  for (const [at, token] of tokens.entries()) {
    const next = tokens[at + 1];
    const before = folded.at(-1);
    const isSign =
      token.text === '-' &&
      token.kind === 'symbol' &&
      next?.kind === 'value' &&
      !next.spaced &&
      (before === undefined ||
        (before.kind === 'symbol' && before.text !== ')' && before.text !== ']') ||
        (before.kind === 'word' && WORDS_BEFORE_A_VALUE.has(before.text.toLowerCase())));
    if (isSign) continue;
    const afterSign = tokens[at - 1] !== before && tokens[at - 1]?.text === '-';
    folded.push(afterSign ? { ...token, spaced: tokens[at - 1]?.spaced ?? false } : token);
  }
  return folded;
}

/** (?, ?, ?) is one list of whatever length, and so are the rows of an INSERT. */
function foldLists(text: string): string {
  return text
    .replace(/([([])\s*\?(?:\s*,\s*\?)*\s*([)\]])/g, '$1?$2')
    .replace(/\(\?\)(?:\s*,\s*\(\?\))+/g, '(?)');
}

/** At the current place, in this order; what none matches is one symbol. */
const SPACE = /(?:\s+|--[^\n]*|\/\*(?:(?!\*\/)[\s\S])*(?:\*\/|$))+/y;
const HASH_COMMENT = /#[^\n]*/y;
const DOLLAR_QUOTE = /\$([A-Za-z_][A-Za-z_0-9]*)?\$/y;
const STRING = /'(?:[^']|'')*(?:'|$)/y;
const BACKSLASH_STRING = /'(?:[^'\\]|''|\\[\s\S])*(?:'|$)/y;
const DOUBLE_QUOTED = /"(?:[^"]|"")*(?:"|$)/y;
const BACKSLASH_DOUBLE_QUOTED = /"(?:[^"\\]|""|\\[\s\S])*(?:"|$)/y;
const BACKTICKS = /`(?:[^`]|``)*(?:`|$)/y;
const NUMBER = /(?:0x[0-9a-f]+|(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?)/iy;
const PLACEHOLDER = /\$\d+|\?\d+|[:@$][A-Za-z_][A-Za-z_0-9]*/y;
const WORD = /[A-Za-z_\u0080-\uffff][A-Za-z_0-9$\u0080-\uffff]*/y;

function* tokenize(raw: string, engine: Engine): Generator<Token> {
  let at = 0;
  let spaced = false;
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const match = pattern.exec(raw)?.[0];
    if (match !== undefined) at += match.length;
    return match;
  };
  while (at < raw.length) {
    if (take(SPACE) !== undefined || (engine === 'mysql' && take(HASH_COMMENT) !== undefined)) {
      spaced = true;
      continue;
    }
    const token = readToken(raw, at, engine, take);
    at = Math.max(at, token.end);
    yield { kind: token.kind, text: token.text, spaced };
    spaced = false;
  }
}

function readToken(
  raw: string,
  start: number,
  engine: Engine,
  take: (pattern: RegExp) => string | undefined,
): Pick<Token, 'kind' | 'text'> & { readonly end: number } {
  const of = (kind: Token['kind'], text: string) => ({ kind, text, end: start + text.length });
  const character = raw[start] ?? '';
  // E'…' of PostgreSQL knows backslashes; B, X and N announce values too.
  const prefixed = /[ebxn]'/iy;
  prefixed.lastIndex = start;
  if (prefixed.test(raw)) {
    const string = stringAt(raw, start + 1, engine === 'mysql' || /e/i.test(character));
    return of('value', character + string);
  }
  if (character === "'") return of('value', stringAt(raw, start, engine === 'mysql'));
  if (character === '"') {
    // An identifier by the standard; MySQL takes it for a string unless ANSI_QUOTES is set.
    const quoted = take(engine === 'mysql' ? BACKSLASH_DOUBLE_QUOTED : DOUBLE_QUOTED) ?? character;
    return of(engine === 'mysql' ? 'value' : 'word', quoted);
  }
  if (character === '`') return of('word', take(BACKTICKS) ?? character);
  if (character === '$') {
    const tag = take(DOLLAR_QUOTE);
    if (tag !== undefined) {
      const close = raw.indexOf(tag, start + tag.length);
      return of('value', raw.slice(start, close === -1 ? raw.length : close + tag.length));
    }
  }
  if (character === ':' && raw[start + 1] === ':') return of('symbol', '::');
  if (character === '@' && raw[start + 1] === '@') return of('symbol', '@@');
  const placeholder = take(PLACEHOLDER);
  if (placeholder !== undefined) return of('placeholder', placeholder);
  const word = take(WORD);
  if (word !== undefined) return of('word', word);
  const number = take(NUMBER);
  if (number !== undefined) return of('value', number);
  return of('symbol', character);
}

function stringAt(raw: string, start: number, backslashes: boolean): string {
  const pattern = backslashes ? BACKSLASH_STRING : STRING;
  pattern.lastIndex = start;
  return pattern.exec(raw)?.[0] ?? raw.slice(start);
}
