import type { RawStatement } from '../../../../core/trace/tracer-file.ts';
import { findSite } from './call-site.ts';
import { currentStore, type Store } from './context.ts';
import { hashValues } from './hash.ts';
import { beginSpan, endSpan, type OpenSpan } from './recorder.ts';
import { connectionOf } from './sockets.ts';
import { traceRows, traceStatement, type TracedStatement } from './statements.ts';

export interface TracedQuery {
  readonly span: OpenSpan;
  readonly statement: TracedStatement;
  readonly store: Store | undefined;
}

/** What a pool knows when it is asked, for the statement that it sends later, in another's turn. */
export interface Entry {
  readonly site: number | undefined;
  readonly store: Store | undefined;
}

export interface QueryDraft {
  readonly engine: RawStatement['engine'];
  readonly text: string;
  readonly parameters?: readonly unknown[] | undefined;
  /** What the driver calls a connection. */
  readonly connection?: object | undefined;
  readonly entry?: Entry | undefined;
}

export function siteOfStatement(text: string): number | undefined {
  return findSite(`query ${text}`);
}

export function beginQuery(draft: QueryDraft): TracedQuery | undefined {
  const { engine, text, parameters, connection, entry } = draft;
  const span = beginSpan('query', '');
  if (span === undefined) return undefined;
  const store = entry?.store ?? currentStore();
  if (store?.request !== undefined) {
    span.request = store.request.request;
    span.parent = store.request.span;
  }
  const site = entry === undefined ? siteOfStatement(text) : entry.site;
  const statement = traceStatement(engine, text, parameters);
  const input = hashValues(parameters === undefined ? [text] : [text, parameters]);
  span.statement = statement.index;
  if (site !== undefined) span.site = site;
  if (input !== undefined) span.input = input;
  if (connection !== undefined) {
    span.connection = connectionOf(connection).number;
    const transaction = followTransaction(connection, text);
    if (transaction !== undefined) span.transaction = `${span.connection}t${transaction}`;
    if (fresh.delete(connection)) span.fresh = true;
  }
  return { span, statement, store };
}

export interface QueryAnswer {
  readonly error?: unknown;
  /** Undefined where the statement gives none. */
  readonly rows?: readonly unknown[] | undefined;
}

export function endQuery(query: TracedQuery | undefined, answer: QueryAnswer): void {
  if (query === undefined) return;
  endSpan(query.span, answer.error === undefined || answer.error === null ? {} : { failed: true });
  if (answer.rows !== undefined) Object.assign(query.span, traceRows(query.statement, answer.rows));
}

/** Connections that were opened and have not carried a statement yet. */
const fresh = new WeakSet();

export function noteFreshConnection(connection: object): void {
  fresh.add(connection);
}

interface Transaction {
  number: number;
  isOpen: boolean;
}

const transactions = new WeakMap<object, Transaction>();

/** Number of the transaction that a statement on a connection belongs to, its BEGIN and COMMIT included. */
function followTransaction(connection: object, text: string): number | undefined {
  const known = transactions.get(connection);
  if (/^\s*(?:begin|start\s+transaction)\b/i.test(text)) {
    const number = (known?.number ?? 0) + 1;
    transactions.set(connection, { number, isOpen: true });
    return number;
  }
  if (known?.isOpen !== true) return undefined;
  if (/^\s*(?:commit|end|abort|rollback(?!\s+(?:work\s+|transaction\s+)?to\b))\b/i.test(text))
    known.isOpen = false;
  return known.number;
}
