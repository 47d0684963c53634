import { hasSqlDetails, loadModule, parseSync } from 'libpg-query';
import { InputError } from '../../core/errors.ts';
import { placeIn } from '../../core/query/place.ts';

/** What a statement may be; everything else (DDL, COPY, CALL, DO, SET, transactions, EXPLAIN) is refused. */
const READS: ReadonlySet<string> = new Set(['SelectStmt']);
const WRITES: ReadonlySet<string> = new Set(['InsertStmt', 'UpdateStmt', 'DeleteStmt', 'MergeStmt']);

/**
 * Functions whose effect no rollback undoes or that reach out of the transaction: files, other sessions, the server's
 * settings and log, sequences set for good, large objects on disk, advisory locks of the session, other databases, and those
 * that run SQL from a text, which would go round this list. A list can always be incomplete: the lock that counts is a role
 * that may not (docs/adr/0015).
 */
const REACHING_OUT: readonly RegExp[] = [
  /^pg_(terminate|cancel)_backend$/,
  /^pg_(reload_conf|rotate_logfile|promote|switch_wal|create_restore_point|log_backend_memory_contexts)$/,
  /^pg_(read_file|read_binary_file|stat_file|ls_\w+|file_\w+|current_logfile)$/,
  /^pg_(start_backup|stop_backup|backup_start|backup_stop|wal_replay_\w+|export_snapshot)$/,
  /^pg_(create|drop|copy|sync)_\w*replication_slots?$/,
  /^pg_(replication_\w+|logical_\w+|stat_reset\w*|stat_statements_reset|prewarm|import_system_collations)$/,
  /^pg_(try_)?advisory_\w+$/,
  /^lo_(import|export|create|creat|from_bytea|put|unlink|truncate\w*|open)$/,
  /^lo(read|write|_lseek\w*)$/,
  /^dblink\w*$/,
  /^set(val|_config)$/,
  /^(query|cursor|table|schema|database)_to_xml\w*$/,
  /^(ts_stat|ts_rewrite|crosstab\w*|connectby)$/,
];

/**
 * Parses with PostgreSQL's own parser and refuses what may not run. Returns the number of the last parameter.
 * Throws InputError sql_invalid or sql_refused.
 */
export async function readPostgresStatement(
  sql: string,
  { writes }: { readonly writes: boolean },
): Promise<{ readonly parameters: number; readonly ordered: boolean }> {
  await loadModule();
  const statements = parse(sql);
  const [first, second] = statements;
  if (first === undefined) {
    throw new InputError('sql_invalid', 'The SQL of the workload holds no statement.', {
      fix: 'Give one statement in "sql" or in the file that "file" names.',
    });
  }
  if (second !== undefined) {
    throw new InputError('sql_refused', `The SQL holds ${statements.length} statements.`, {
      fix: 'Give one statement; make a workload for each, and do what prepares the data in "setup".',
    });
  }
  let parameters = 0;
  visit(first, (node, type) => {
    if (type === 'ParamRef') parameters = Math.max(parameters, Number(node['number'] ?? 0));
    if (/^[A-Z]\w*Stmt$/.test(type)) requireAllowed(type, writes);
    if (type === 'FuncCall') requireHarmless(node);
    if (node['intoClause'] !== undefined) throw refusedWrite('SELECT INTO makes a table');
    if (node['lockingClause'] !== undefined && !writes) {
      throw refusedWrite('FOR UPDATE and FOR SHARE lock rows, which is a write');
    }
  });
  return { parameters, ordered: isOrdered(first) };
}

/** ORDER BY of the statement itself, not of a part of it. */
function isOrdered(statement: unknown): boolean {
  const select = isNode(statement) ? statement['SelectStmt'] : undefined;
  return isNode(select) && select['sortClause'] !== undefined;
}

export interface Explainable {
  readonly parameters: number;
  /** A plain SELECT that locks nothing: executing it once more changes nothing, as far as its text tells. */
  readonly onlyReads: boolean;
  /** Names without schemas: of all functions that it calls, and of all tables. */
  readonly functions: readonly string[];
  readonly tables: readonly string[];
}

/**
 * What may be asked for its plan: one statement of those that can be planned. Throws InputError sql_invalid or sql_refused.
 * Here it was the program that wrote the statement and has executed it already; still, what reaches out is not planned, since
 * planning folds calls of stable functions.
 */
export async function readExplainable(sql: string): Promise<Explainable> {
  const { parameters } = await readPostgresStatement(sql, { writes: true });
  const functions = new Set<string>();
  const tables = new Set<string>();
  let onlyReads = true;
  visit(parse(sql)[0], (node, type) => {
    if (WRITES.has(type) || node['lockingClause'] !== undefined) onlyReads = false;
    if (type === 'FuncCall') functions.add(lastName(node) ?? '');
    // The target of a write stands without the name of its type.
    if (typeof node['relname'] === 'string') tables.add(node['relname']);
  });
  return { parameters, onlyReads, functions: [...functions], tables: [...tables] };
}

function parse(sql: string): readonly unknown[] {
  try {
    // The typed tree names some hundred node types; it is walked by the few names that matter.
    const { stmts = [] } = parseSync(sql);
    return stmts.map(({ stmt }) => stmt);
  } catch (error) {
    if (sql.trim() === '') return [];
    if (!hasSqlDetails(error) || error.sqlDetails === undefined) throw error;
    throw new InputError(
      'sql_invalid',
      `The SQL has a syntax error at ${placeIn(sql, unitsBefore(sql, error.sqlDetails.cursorPosition))}.`,
      {
        fix: 'Correct the statement; it is read with the grammar of PostgreSQL 18.',
        output: error.sqlDetails.message,
      },
    );
  }
}

/** PostgreSQL counts characters, JavaScript UTF-16 units. */
export function unitsBefore(sql: string, characters: number): number {
  return Array.from(sql).slice(0, Math.max(0, characters)).join('').length;
}

type Node = Readonly<Record<string, unknown>>;

/**
 * Every object of the tree. Where the tree leaves the type open, it stands as the name of an object's only member, e.g.
 * `{"SelectStmt": {…}}`; the sides of a UNION come without.
 */
function visit(root: unknown, look: (node: Node, type: string) => void): void {
  const walk = (value: unknown, name: string): void => {
    if (Array.isArray(value)) {
      for (const item of value) walk(item, '');
      return;
    }
    if (!isNode(value)) return;
    look(value, name);
    for (const [member, child] of Object.entries(value)) walk(child, member);
  };
  walk(root, '');
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function requireAllowed(type: string, writes: boolean): void {
  if (READS.has(type)) return;
  const what = type.replace(/Stmt$/, '');
  if (!WRITES.has(type)) {
    throw new InputError('sql_refused', `A statement of the type ${what} is not measured.`, {
      fix: 'Measure SELECT, or with "writes" INSERT, UPDATE, DELETE or MERGE; other statements belong to "setup", and plans to "analyze".',
    });
  }
  if (!writes) throw refusedWrite(what.toUpperCase());
}

function refusedWrite(what: string): InputError {
  return new InputError('sql_refused', `The statement writes, and the workload does not say so (${what}).`, {
    fix: 'Set "writes" to true: each execution is then rolled back. SELECT INTO belongs to "setup".',
  });
}

function requireHarmless(call: Node): void {
  const text = lastName(call);
  if (text === undefined || !REACHING_OUT.some((pattern) => pattern.test(text))) return;
  throw new InputError(
    'sql_refused',
    `The statement calls ${text}, whose effect a rollback does not undo or which reaches out of the transaction.`,
    { fix: 'Measure the statement without that function.' },
  );
}

/** Of a function, without its schema. */
function lastName(call: Node): string | undefined {
  const names = Array.isArray(call['funcname']) ? call['funcname'] : [];
  const last: unknown = names.at(-1);
  const text = isNode(last) && isNode(last['String']) ? last['String']['sval'] : undefined;
  return typeof text === 'string' ? text : undefined;
}
