/**
 * Where things stand in a JSON text: the place of a syntax error, and the place of every value by its path.
 * JSON.parse of Node.js 20 gives no position for several errors, and quotes the text, which may be a secret.
 */
export interface JsonFault {
  readonly offset: number;
  readonly expected: string;
}

export interface JsonMap {
  readonly fault: JsonFault | undefined;
  /** Offset of the value (for a member: of its name) at a path. */
  offsetOf(path: readonly PropertyKey[]): number | undefined;
}

class Fault extends Error {
  readonly offset: number;
  readonly expected: string;
  constructor(offset: number, expected: string) {
    super(expected);
    this.offset = offset;
    this.expected = expected;
  }
}

const SPACE = /[ \t\n\r]*/y;
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /true|false|null/y;
/** Deeper than any file of ours; keeps the recursion below the stack's limit. */
const MAX_DEPTH = 200;

export function mapJson(text: string): JsonMap {
  const offsets = new Map<string, number>();
  const key = (path: readonly PropertyKey[]): string => JSON.stringify(path.map(String));
  const fault = scan(text, (path, offset) => offsets.set(key(path), offset));
  return { fault, offsetOf: (path) => offsets.get(key(path)) };
}

/** Where a text stops being JSON, without remembering where its values stand: for large files. */
export function findJsonFault(text: string): JsonFault | undefined {
  return scan(text, () => undefined);
}

/** Reads the whole text; `visit` hears where each value begins (a member: its name), before what is inside of it. */
function scan(
  text: string,
  visit: (path: readonly PropertyKey[], offset: number) => unknown,
): JsonFault | undefined {
  let at = 0;

  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    if (found !== undefined) at += found.length;
    return found;
  };
  const skipSpace = (): void => {
    take(SPACE);
    if (text.startsWith('//', at) || text.startsWith('/*', at)) {
      throw new Fault(at, 'no comment (JSON has none)');
    }
  };
  const value = (path: readonly PropertyKey[]): void => {
    if (path.length > MAX_DEPTH) throw new Fault(at, `at most ${MAX_DEPTH} levels`);
    skipSpace();
    const first = text[at];
    if (first === '{') members(path);
    else if (first === '[') items(path);
    else if (first === '"') {
      if (take(STRING) === undefined) throw new Fault(at, 'a string that ends on its line');
    } else if (take(NUMBER) === undefined && take(WORD) === undefined) {
      throw new Fault(at, 'a value (text in double quotes, a number, true, false, null, {…} or […])');
    }
  };
  const members = (path: readonly PropertyKey[]): void => {
    at++;
    skipSpace();
    if (text[at] === '}') {
      at++;
      return;
    }
    for (;;) {
      skipSpace();
      const start = at;
      const name = take(STRING);
      if (name === undefined) {
        throw new Fault(at, 'a name in double quotes (and no comma after the last member)');
      }
      const inner = [...path, JSON.parse(name) as string];
      visit(inner, start);
      skipSpace();
      if (text[at] !== ':') throw new Fault(at, '":" after the name');
      at++;
      value(inner);
      skipSpace();
      const next = text[at];
      if (next !== ',' && next !== '}') throw new Fault(at, '"," or "}"');
      at++;
      if (next === '}') return;
    }
  };
  const items = (path: readonly PropertyKey[]): void => {
    at++;
    skipSpace();
    if (text[at] === ']') {
      at++;
      return;
    }
    for (let index = 0; ; index++) {
      skipSpace();
      visit([...path, index], at);
      value([...path, index]);
      skipSpace();
      const next = text[at];
      if (next !== ',' && next !== ']') throw new Fault(at, '"," or "]"');
      at++;
      if (next === ']') return;
    }
  };

  try {
    skipSpace();
    visit([], at);
    value([]);
    skipSpace();
    if (at < text.length) throw new Fault(at, 'the end of the file');
    return undefined;
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { offset: error.offset, expected: error.expected };
  }
}

/** Both 1-based, as editors count; the column counts UTF-16 units. */
export function lineAndColumn(
  text: string,
  offset: number,
): { readonly line: number; readonly column: number } {
  const before = text.slice(0, offset);
  const line = before.split('\n').length;
  return { line, column: offset - (before.lastIndexOf('\n') + 1) + 1 };
}
