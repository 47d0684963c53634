import type {
  DatabaseActivity,
  ExplainedStatement,
  Explanation,
  StatementToExplain,
} from '../ports/databases.ts';
import type { Statement, Trace } from '../trace/model.ts';
import { normalizeStatement } from '../trace/normalize-statement.ts';
import type { DatabaseFacts, LockWait, OpenTransaction, StatementPlan } from './model.ts';
import { readPostgresPlan, readSqlitePlan } from './read-plan.ts';
import { shareStatements } from './statement-shares.ts';

export type ExplainedEngine = DatabaseFacts['engine'];

/** A plan takes some ms, and statements beyond these are a few per cent of the time of the requests together. */
const MOST_STATEMENTS = 20;

/** What is worth a plan: the statements of one engine by their part of the time of the requests, or by calls outside of any. */
export function statementsToExplain(trace: Trace, engine: ExplainedEngine): readonly StatementToExplain[] {
  const shares = shareStatements(trace);
  return trace.statements
    .filter((statement) => statement.engine === engine)
    .map((statement) => ({ statement, share: shares.get(statement.fingerprint)?.value ?? 0 }))
    .sort((a, b) => b.share - a.share)
    .flatMap(({ statement }) => {
      const sql = statement.original ?? withParameters(statement, engine);
      const [params] = statement.original === undefined ? [] : (statement.samples ?? []);
      return [{ fingerprint: statement.fingerprint, sql, ...(params === undefined ? {} : { params }) }];
    })
    .slice(0, MOST_STATEMENTS);
}

/** Where values stood in the text, its normalized form with parameters in their place is planned, without values. */
function withParameters({ text }: Statement, engine: ExplainedEngine): string {
  if (engine === 'sqlite') return text;
  let last = 0;
  return text.replace(/\?/g, () => `$${++last}`);
}

/** What the watch and the plans told, in the words of the trace; texts of sessions are normalized, which takes values out. */
export function toDatabaseFacts(
  engine: ExplainedEngine,
  trace: Trace,
  { explained }: Explanation,
  activity: DatabaseActivity | undefined,
): DatabaseFacts {
  const shares = shareStatements(trace);
  const name = nameStatements(trace, engine);
  const plans = explained.map((one): StatementPlan => ({
    ...readPlan(engine, one),
    text: trace.statements.find(({ fingerprint }) => fingerprint === one.fingerprint)?.text ?? '',
    share: shares.get(one.fingerprint) ?? null,
  }));
  const locks = (activity?.waits ?? []).map((wait): LockWait => {
    const waiting = name(wait.query);
    return {
      waiting,
      lock: wait.lock,
      relation: wait.relation,
      blockers: wait.blockers.map(({ query, state, samples }) => ({ ...name(query), state, samples })),
      samples: wait.seenAtMs.length,
      shareOfActive: Math.min(1, wait.seenAtMs.length / Math.max(1, activity?.activeAtMs.length ?? 0)),
      share: shares.get(waiting.fingerprint) ?? null,
    };
  });
  return {
    engine,
    load: 'requests',
    plans,
    locks,
    transactions: (activity?.transactions ?? []).map((one): OpenTransaction => ({
      lastStatement: name(one.lastQuery),
      state: one.state,
      samples: one.samples,
      longestMs: one.longestMs,
    })),
    statements: activity?.statements?.map((delta) => ({ ...delta, text: name(delta.text).text })) ?? null,
  };
}

/** What was explained of one statement that is the whole load, once for each of its parameter sets. */
export function toStatementFacts(
  engine: ExplainedEngine,
  { text, file }: Pick<StatementPlan, 'text' | 'file'>,
  { explained }: Explanation,
): DatabaseFacts {
  return {
    engine,
    load: 'statement',
    plans: explained.map((one): StatementPlan => ({
      ...readPlan(engine, one),
      text,
      ...(file === undefined ? {} : { file }),
      share: null,
    })),
    locks: [],
    transactions: [],
    statements: null,
  };
}

function readPlan(
  engine: ExplainedEngine,
  { fingerprint, mode, plan, tableRows }: ExplainedStatement,
): Omit<StatementPlan, 'text' | 'share'> {
  const read = engine === 'postgres' ? readPostgresPlan(plan) : readSqlitePlan(plan);
  return { fingerprint, mode, ...read, tableRows };
}

/** Sessions show the first 1024 bytes of what they run (track_activity_query_size): matched by their beginning then. */
const SHOWN_CHARACTERS = 1000;

/** What sessions run, in the words of the trace: the same statement has the same fingerprint. */
export function nameStatements(
  trace: Trace,
  engine: ExplainedEngine,
): (query: string) => { readonly fingerprint: string; readonly text: string } {
  const known = trace.statements.filter((statement) => statement.engine === engine);
  return (query) => {
    const { fingerprint, text } = normalizeStatement(query, engine);
    const cut = query.length >= SHOWN_CHARACTERS;
    const same = known.find(
      (one) => one.fingerprint === fingerprint || (cut && one.original?.startsWith(query) === true),
    );
    return same === undefined ? { fingerprint, text } : { fingerprint: same.fingerprint, text: same.text };
  };
}
