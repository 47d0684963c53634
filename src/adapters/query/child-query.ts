import type { WindowEdge } from '../../core/ports/load.ts';
import type { QueryMeasurement } from '../../core/ports/queries.ts';
import type { Behaviour } from '../../core/behaviour/model.ts';
import { BEAT_LINE, FAILURE_LINE, RESULT_LINE, WINDOW_LINE, type QueryChildPlan } from './child-plan.ts';
import { toFailure } from './failure.ts';
import { observeRows } from './observe-rows.ts';
import { openPostgresSession } from './postgres-session.ts';
import { createRedaction } from './redact.ts';
import { runPlan } from './run-plan.ts';
import type { Session } from './session.ts';
import { openSqliteSession } from './sqlite-session.ts';
import { exitWithParent } from '../../children/exit-with-parent.ts';
import { readAll } from '../../children/read-all.ts';

/**
 * The process that executes: plan as JSON on stdin until its end, lines as child-plan.ts has them on stdout, the last one
 * the result or the failure. Ends by itself when the process that planned it has died.
 */
async function main(): Promise<void> {
  // Only our own parent writes the plan, from the same build: the shape is the type.
  const plan = JSON.parse(await readAll(process.stdin)) as QueryChildPlan;
  exitWithParent(plan.parentPid);
  const { database } = plan;
  const clean = database.engine === 'postgres' ? createRedaction(database.url) : (text: string) => text;
  try {
    say(`${RESULT_LINE}${JSON.stringify(await work(plan))}`, 0);
  } catch (error) {
    say(`${FAILURE_LINE}${JSON.stringify(toFailure(error, clean))}`, 0);
  }
}

async function work(plan: QueryChildPlan): Promise<QueryMeasurement | Behaviour> {
  const session = await open(plan);
  try {
    const beat = () => process.stdout.write(`${BEAT_LINE}\n`);
    beat();
    if (plan.task === 'observe') return await observeRows(plan, session, beat);
    const window = (edge: WindowEdge) => process.stdout.write(`${WINDOW_LINE}${edge}\n`);
    return await runPlan(plan, session, { window, beat });
  } finally {
    await session.close();
  }
}

async function open({ database, timeoutMs, ...plan }: QueryChildPlan): Promise<Session> {
  switch (database.engine) {
    case 'postgres':
      return await openPostgresSession({ ...plan, ...database, timeoutMs });
    case 'sqlite':
      return openSqliteSession({ ...plan, ...database, busyTimeoutMs: timeoutMs });
  }
}

function say(line: string, exitCode: number): void {
  process.stdout.write(`${line}\n`, () => process.exit(exitCode));
}

await main();
