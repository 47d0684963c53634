import type { RawStatement } from '../../../../core/trace/tracer-file.ts';
import { normalizeStatement } from '../../../../core/trace/normalize-statement.ts';
import { hashValues } from './hash.ts';
import { watchRows } from './row-use.ts';

/** Texts of a thread that are kept as they are. Beyond it they hold values, and count under their shape. */
const MOST_TEXTS = 2000;
const LONGEST_TEXT = 20_000;
const SAMPLES_PER_TEXT = 3;
const LONGEST_SAMPLE_VALUE = 10_000;
/** Executions whose rows are watched for what is read of them; each row then costs as much as a small object. */
const WATCHED_EXECUTIONS = 20;
/** Answers that are hashed, of one text: enough to see whether equal questions get equal answers. */
const HASHED_ANSWERS = 500;
const MOST_HASHED_ROWS = 100;

export interface TracedStatement {
  readonly index: number;
  readonly raw: RawStatement;
  watched: number;
  hashed: number;
  readonly uses: (() => { readonly rowsRead: number; readonly columnsRead: readonly string[] })[];
}

let known = new Map<string, TracedStatement>();
let all: TracedStatement[] = [];

export function startStatements(): void {
  known = new Map();
  all = [];
}

export function takeStatements(): RawStatement[] {
  const taken = all.map(({ raw, uses }) => {
    for (const use of uses) {
      const { rowsRead, columnsRead } = use();
      if (raw.use === undefined) continue;
      raw.use.rowsRead += rowsRead;
      raw.use.columnsRead = [...new Set([...raw.use.columnsRead, ...columnsRead])];
    }
    return raw;
  });
  startStatements();
  return taken;
}

export function traceStatement(
  engine: RawStatement['engine'],
  text: string,
  parameters: readonly unknown[] | undefined,
): TracedStatement {
  const statement = findStatement(engine, text);
  statement.raw.executions += 1;
  if (parameters !== undefined && parameters.length > 0) {
    statement.raw.samples ??= [];
    if (statement.raw.samples.length < SAMPLES_PER_TEXT)
      statement.raw.samples.push(parameters.map(toPlainValue));
  }
  return statement;
}

function findStatement(engine: RawStatement['engine'], text: string): TracedStatement {
  const isCut = text.length > LONGEST_TEXT;
  const cut = isCut ? text.slice(0, LONGEST_TEXT) : text;
  const kept = all.length < MOST_TEXTS ? cut : undefined;
  const found = known.get(`${engine} ${cut}`);
  if (found !== undefined) return found;
  const shape = kept ?? normalizeStatement(cut, engine).text;
  const key = `${engine} ${shape}`;
  const statement = known.get(key) ?? {
    index: all.length,
    raw: {
      engine,
      text: shape,
      executions: 0,
      ...(isCut || kept === undefined ? { isCut: true as const } : {}),
    },
    watched: 0,
    hashed: 0,
    uses: [],
  };
  if (!known.has(key)) {
    known.set(key, statement);
    all.push(statement);
  }
  return statement;
}

/** As JSON can hold it, and PostgreSQL read it. */
function toPlainValue(value: unknown): unknown {
  if (typeof value === 'bigint') return String(value);
  if (value instanceof Uint8Array)
    return `\\x${Buffer.from(value.subarray(0, LONGEST_SAMPLE_VALUE / 2)).toString('hex')}`;
  if (typeof value === 'string') return value.slice(0, LONGEST_SAMPLE_VALUE);
  if (typeof value === 'function' || typeof value === 'symbol') return null;
  if (typeof value !== 'object' || value === null) return value ?? null;
  try {
    const text = JSON.stringify(value);
    return text.length > LONGEST_SAMPLE_VALUE ? null : (JSON.parse(text) as unknown);
  } catch {
    return null;
  }
}

/** What an answer tells of its statement; rows are watched from here on, so it comes before the program sees them. */
export function traceRows(
  statement: TracedStatement,
  rows: readonly unknown[],
): { readonly rows: number; readonly output?: string } {
  let output: string | undefined;
  if (rows.length <= MOST_HASHED_ROWS && statement.hashed < HASHED_ANSWERS) {
    statement.hashed += 1;
    output = hashValues([rows]);
  }
  if (statement.watched < WATCHED_EXECUTIONS) {
    const use = watchRows(rows);
    if (use !== undefined) {
      statement.watched += 1;
      statement.uses.push(use.read);
      const total = (statement.raw.use ??= {
        columns: [],
        columnsRead: [],
        rows: 0,
        rowsRead: 0,
        executions: 0,
      });
      total.columns = [...new Set([...total.columns, ...use.columns])];
      total.rows += rows.length;
      total.executions += 1;
    }
  }
  return { rows: rows.length, ...(output === undefined ? {} : { output }) };
}
