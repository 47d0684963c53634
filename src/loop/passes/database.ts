import { activityDuring } from '../../core/database/lock-shares.ts';
import type { DatabaseFacts } from '../../core/database/model.ts';
import { statementsToExplain, toDatabaseFacts, type ExplainedEngine } from '../../core/database/to-facts.ts';
import { DeepOptimizeError } from '../../core/errors.ts';
import type { Evidence } from '../../core/model/evidence.ts';
import type { Warning } from '../../core/model/warning.ts';
import type {
  DatabaseAccess,
  DatabaseActivity,
  DatabaseWatch,
  Explanation,
} from '../../core/ports/databases.ts';
import type { QueryDatabase } from '../../core/ports/queries.ts';
import type { Trace } from '../../core/trace/model.ts';
import { WARNINGS } from '../../core/warnings.ts';
import { keepEvidence } from './keep-evidence.ts';
import type { PassContext, PassResult } from './pass.ts';

export interface LookedAt<T> {
  /** What the load under watch gave. */
  readonly ran: T;
  /** Sessions of the program's PostgreSQL meanwhile; undefined where they could not be watched. */
  readonly activity?: DatabaseActivity | undefined;
  readonly database: PassResult;
}

/**
 * Watches the program's database while `trace` runs its load (what counts is what was seen while it recorded), then asks for the plans of what it traced. The database is never
 * the reason for a trace to fail: what cannot be looked at is a warning.
 */
export async function lookAtDatabase<T extends { readonly trace: Trace }>(
  context: PassContext,
  trace: () => Promise<T>,
): Promise<LookedAt<T>> {
  const { measurer, ports, sample } = context;
  const sources = { env: measurer.env, directory: sample.directory };
  const urlEnv = await ports.databases.findUrl(sources);
  const watch = urlEnv === undefined ? undefined : await attempt(context, () => beginWatch(context, urlEnv));
  let ran: T;
  try {
    ran = await trace();
  } catch (error) {
    await watch?.value?.stop().catch(() => undefined);
    throw error;
  }
  const open = watch?.value;
  const told = open === undefined ? undefined : await attempt(context, () => open.stop());
  const activity = told?.value && activityDuring(told.value, ran.trace);
  const engine = engineOf(ran.trace);
  const seen = { ran, activity };
  if (engine === undefined) return { ...seen, database: { facts: {} } };
  const database = await chooseDatabase(context, engine, urlEnv);
  if (database === undefined) {
    return {
      ...seen,
      database: { facts: {}, warnings: engine === 'postgres' ? [WARNINGS.no_database_connection()] : [] },
    };
  }
  const looked = await explainTraced(context, ran.trace, { engine, database, activity });
  const warnings = [...(watch?.warnings ?? []), ...(told?.warnings ?? []), ...(looked.warnings ?? [])];
  return { ...seen, database: { ...looked, warnings: distinct(warnings) } };
}

export function accessTo({ sample, measurer }: PassContext, database: QueryDatabase): DatabaseAccess {
  return { database, directory: sample.directory, env: measurer.env, runId: sample.runId };
}

async function beginWatch(context: PassContext, urlEnv: string): Promise<DatabaseWatch> {
  return await context.ports.databases.watch(
    accessTo(context, { engine: 'postgres', urlEnv }),
    context.run.signal,
  );
}

/** The engine that most queries of the trace went to, of those that tell their plans. */
function engineOf({ statements, spans }: Trace): ExplainedEngine | undefined {
  const counts = { postgres: 0, sqlite: 0 };
  for (const { statement } of spans) {
    const engine = statement === undefined ? undefined : statements[statement]?.engine;
    if (engine === 'postgres' || engine === 'sqlite') counts[engine] += 1;
  }
  if (counts.postgres === 0 && counts.sqlite === 0) return undefined;
  return counts.postgres >= counts.sqlite ? 'postgres' : 'sqlite';
}

async function chooseDatabase(
  { project }: PassContext,
  engine: ExplainedEngine,
  urlEnv: string | undefined,
): Promise<QueryDatabase | undefined> {
  if (engine === 'postgres') return urlEnv === undefined ? undefined : { engine, urlEnv };
  const { databases } = await project.files.facts();
  const [file, second] = databases.sqliteFiles;
  // With several, which one a statement is for would be a guess.
  return file === undefined || second !== undefined ? undefined : { engine, file };
}

async function explainTraced(
  context: PassContext,
  trace: Trace,
  {
    engine,
    database,
    activity,
  }: {
    readonly engine: ExplainedEngine;
    readonly database: QueryDatabase;
    readonly activity: DatabaseActivity | undefined;
  },
): Promise<PassResult> {
  const { ports, run } = context;
  const explained = await attempt(context, () =>
    ports.databases.explain(accessTo(context, database), statementsToExplain(trace, engine), run.signal),
  );
  const explanation = explained.value ?? { explained: [], skipped: [] };
  const facts = toDatabaseFacts(engine, trace, explanation, activity);
  return {
    facts: { database: facts },
    evidence: [await keepFacts(context, 'Plans of the statements, and who waited for whom', facts)],
    warnings: [
      ...explained.warnings,
      ...warnOfSkipped(explanation),
      ...(activity?.hidden === true ? [WARNINGS.activity_hidden()] : []),
    ],
  };
}

export async function keepFacts(
  context: PassContext,
  title: string,
  facts: DatabaseFacts,
): Promise<Evidence> {
  return await keepEvidence(context, {
    kind: 'database',
    title,
    artifacts: [
      {
        kind: 'database',
        title: 'What the database told',
        mime_type: 'application/json',
        extension: 'json',
        content: JSON.stringify(facts),
      },
    ],
  });
}

export function warnOfSkipped({ skipped }: Explanation): readonly Warning[] {
  const reasons = [...new Set(skipped.map(({ reason }) => reason))];
  return reasons.length === 0 ? [] : [WARNINGS.statements_not_explained(skipped.length, reasons.slice(0, 3))];
}

interface Attempt<T> {
  readonly value?: T;
  readonly warnings: readonly Warning[];
}

/** What cannot be looked at is a warning. */
export async function attempt<T>({ run }: PassContext, action: () => Promise<T>): Promise<Attempt<T>> {
  try {
    return { value: await action(), warnings: [] };
  } catch (error) {
    run.signal.throwIfAborted();
    if (!(error instanceof DeepOptimizeError) || error.kind === 'internal') throw error;
    return { warnings: [WARNINGS.database_not_seen(error.message, error.fix)] };
  }
}

function distinct(warnings: readonly Warning[]): readonly Warning[] {
  return [...new Map(warnings.map((warning) => [warning.message, warning])).values()];
}
